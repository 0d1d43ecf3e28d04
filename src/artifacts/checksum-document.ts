// Reads the checksum documents that vendors publish beside their downloads.

const LINE = /^([0-9a-f]{64})(?:[ \t]+\*?(\S.*?))?[ \t]*$/i

/**
 * The sha256 that a document gives for the file called `fileName`, in lower case, or undefined.
 * Three shapes are in use: one bare sum (kubectl.sha256, kubernetes.io "Install and Set Up kubectl"), one line of
 * `shasum -a 256` (kind-linux-amd64.sha256sum, kind's hack/release/build/cross.sh), and many such lines
 * (pulumi-3.259.0-checksums.txt). A sum that stands alone needs no name; of named ones only the right name counts.
 */
export function checksumFor(document: string, fileName: string): string | undefined {
  const lines = document
    .split(/\r?\n/)
    .map((line) => LINE.exec(line.trim()))
    .filter((match) => match !== null)
  const named = lines.find((match) => match[2]?.split('/').at(-1) === fileName)
  const bare = lines.length === 1 && lines[0]?.[2] === undefined ? lines[0] : undefined
  return (named ?? bare)?.[1]?.toLowerCase()
}
