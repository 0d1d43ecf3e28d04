/** One commit in the language of `git fast-import`, so that no working copy is needed to make it; pure. */
import { PlayError } from '../../domain/errors.ts'

/** A commit on the branch `main`. */
export interface Commit {
  /** Text of each file that changes, by path; undefined deletes it. All other files stay as they are. */
  readonly changes: ReadonlyMap<string, string | undefined>
  readonly message: string
  readonly author: { readonly name: string; readonly email: string }
  /** Seconds since 1970, UTC. */
  readonly time: number
  /** True puts it on top of what `main` is then; false makes the first commit of the branch. */
  readonly onTop: boolean
}

/**
 * The stream that makes the commit. It ends with `done`, without which git commits nothing: a stream that was cut off
 * must not become a tree with half of its files. See git-fast-import(1), "Input Format".
 */
export function fastImport({ changes, message, author, time, onTop }: Commit): string {
  const signature = `${author.name} <${author.email}> ${String(Math.floor(time))} +0000`
  const sorted = [...changes].sort(([a], [b]) => (a < b ? -1 : 1))
  // A file may become a folder, so what goes has to go first.
  const deleted = sorted.filter(([, text]) => text === undefined)
  return [
    'feature done\n',
    'commit refs/heads/main\n',
    `author ${signature}\n`,
    `committer ${signature}\n`,
    data(message),
    ...(onTop ? ['from refs/heads/main^0\n'] : []),
    ...deleted.map(([path]) => `D ${plain(path)}\n`),
    ...sorted.map(([path, text]) =>
      text === undefined ? '' : `M 100644 inline ${plain(path)}\n${data(text)}`,
    ),
    'done\n',
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
