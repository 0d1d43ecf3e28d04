/** One commit in the language of `git fast-import`, so that no working copy is needed to make it; pure. */
import { PlayError } from '../../domain/errors.ts'

/** A commit on the branch `main`, or on another reference. */
export interface Commit {
  /** `refs/heads/main` if left out. */
  readonly ref?: string
  /** Text of each file that changes, by path; undefined deletes it. All other files stay as they are. */
  readonly changes: ReadonlyMap<string, string | undefined>
  readonly message: string
  readonly author: { readonly name: string; readonly email: string }
  /** Seconds since 1970, UTC. */
  readonly time: number
  /**
   * True puts it on top of what the reference is then; false makes its first commit, but for what an earlier command of the
   * same stream has put it on.
   */
  readonly onTop: boolean
}

/**
 * The stream that makes the commit. It ends with `done`, without which git commits nothing: a stream that was cut off
 * must not become a tree with half of its files. See git-fast-import(1), "Input Format".
 */
export function fastImport(commit: Commit): string {
  return ['feature done\n', commitCommand(commit), 'done\n'].join('')
}

/** The same for a stream that other commands come before: git has to be started with `--done`, and answers the commit. */
export function answeredFastImport(commit: Commit): string {
  return [commitCommand(commit, mark), `get-mark ${mark}\n`, 'done\n'].join('')
}

/** By which a stream names its commit. */
const mark = ':1'

function commitCommand(
  { ref = 'refs/heads/main', changes, message, author, time, onTop }: Commit,
  marked?: string,
): string {
  const signature = `${author.name} <${author.email}> ${String(Math.floor(time))} +0000`
  const sorted = [...changes].sort(([a], [b]) => (a < b ? -1 : 1))
  // A file may become a folder, so what goes has to go first.
  const deleted = sorted.filter(([, text]) => text === undefined)
  return [
    `commit ${ref}\n`,
    ...(marked === undefined ? [] : [`mark ${marked}\n`]),
    `author ${signature}\n`,
    `committer ${signature}\n`,
    data(message),
    ...(onTop ? [`from ${ref}^0\n`] : []),
    ...deleted.map(([path]) => `D ${plain(path)}\n`),
    ...sorted.map(([path, text]) =>
      text === undefined ? '' : `M 100644 inline ${plain(path)}\n${data(text)}`,
    ),
  ].join('')
}

/** Text with its length in bytes of UTF-8. */
function data(text: string): string {
  return `data ${String(Buffer.byteLength(text))}\n${text}\n`
}

/** A path that means itself in the stream: no quotes, nothing that git would refuse. */
function plain(path: string): string {
  if (/^["/]|[\n\0]|(^|\/)(\.{0,2}|\.git)(\/|$)/.test(path))
    throw PlayError.of('BUG_UNEXPECTED', { reason: `${JSON.stringify(path)} is no path for a repository` })
  return path
}
