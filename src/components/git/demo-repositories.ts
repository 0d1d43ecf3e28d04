/** Repositories of demos, beside that of the platform in the same git pod, one command in it for each thing to do. */
import { randomUUID } from 'node:crypto'
import { PlayError } from '../../domain/errors.ts'
import type { Proposal, Repositories, RepositoryClient } from '../../domain/slots.ts'
import { answeredFastImport } from './fast-import.ts'
import { clusterAddresses } from './git-daemon.ts'
import { ensure, runScript, sweep, type Repository } from './git-pod.ts'
import { author } from './publication.ts'
import { gitDaemonServer } from './repository.ts'

/** Commits on no branch yet: what nothing refers to would be packed away some day. */
const proposals = 'refs/play/'

// It could lead to the repository of the platform.
const refuseLink = `
[ ! -L "$1" ] || { echo "fatal: $1 is a symbolic link" >&2; exit 1; }
`

const open = `
export GIT_DIR="$1"
head_of_main() { git for-each-ref --format='%(objectname)' refs/heads/main; }
forget() { git for-each-ref --format='delete %(refname)' ${proposals} | git update-ref --stdin >&2 || :; }
`

// A commit leaves three objects or more, so demos that are repeated without end have git pack them at about 500 (it guesses
// by one of 256 folders); nobody waits for that longer than this. Others' proposals may be forgotten: for two weeks git
// keeps what nothing refers to.
const proposeScript = `${refuseLink}${ensure}${open}
former=$(head_of_main)
forget
timeout 30 git -c gc.auto=256 -c gc.autoDetach=false gc --auto --quiet >&2 || :
commit=$({ [ -z "$former" ] || printf 'reset %s\\nfrom %s\\n\\n' "$2" "$former"; cat; } | git fast-import --quiet --done)
base=\${former:-$(git hash-object -t tree /dev/null)}
printf '%s\\000%s\\000' "$commit" "$former"
git diff --name-only -z "$base" "$commit" --
printf '\\000'
git -c core.quotePath=false diff --no-color --no-ext-diff --no-textconv "$base" "$commit" --`

// Twice is the same as once, as a broken connection hides whether the command ran.
const acceptScript = `${refuseLink}${open}
git update-ref -m 'play: accept' refs/heads/main "$2" "$3" || {
  main=$(head_of_main)
  [ "$main" = "$2" ] || {
    [ "$main" = "$3" ] ||
      echo "fatal: somebody has pushed to main meanwhile, which is at \${main:-nothing} rather than at \${3:-nothing}: try again" >&2
    exit 1
  }
}
forget`

// What was undone before has nothing to commit any more.
const revertScript = `${refuseLink}${open}
undone=$(git rev-parse --verify --quiet "$2^{commit}") && main=$(head_of_main) &&
  git merge-base --is-ancestor "$undone" "$main" || { echo "fatal: $2 is not on main" >&2; exit 1; }
parents=$(git log -1 --format=%P "$undone" --)
if [ -n "$parents" ]
then tree=$(git rev-parse --verify "\${parents%% *}^{tree}")
else tree=$(git mktree </dev/null)
fi
if [ "$tree" = "$(git rev-parse --verify "$main^{tree}")" ]
then echo "$main"; exit
fi
message="Revert \\"$(git log -1 --format=%s "$undone" --)\\""
commit=$(git -c user.name="$3" -c user.email="$4" commit-tree -p "$main" -m "$message" "$tree")
git update-ref -m 'play: revert' refs/heads/main "$commit" "$main"
echo "$commit"`

// Half of a repository must never be served under its name, so it is gone from there at once. A link is deleted itself.
const removeScript = `${sweep}
[ -e "$1" ] || [ -L "$1" ] || exit 0
gone=$(mktemp -d "\${1%/*}/.play-XXXXXX")
if mv -T "$1" "$gone/gone"
then echo removed
else [ ! -e "$1" ] || { rmdir "$gone"; exit 1; }
fi
rm -rf "$gone"`

/** Those that git's own daemon serves. Throws BUG_UNEXPECTED for a name that is no DNS label or the platform's. */
export const demoRepositories: Repositories = {
  url: (name) => ({
    read: `${clusterAddresses.read}/${checked(name)}`,
    push: `${clusterAddresses.push}/${checked(name)}`,
  }),
  async propose(client, name, { files, message, now }, signal) {
    const ref = `${proposals}proposed-${randomUUID()}`
    const commit = { ref, changes: files, message: `${message.trimEnd()}\n`, author, time: now / 1000 }
    const stdin = answeredFastImport({ ...commit, onTop: false })
    const what = `make a commit in ${name}`
    const script = { what, text: proposeScript, parameters: [ref], stdin }
    const proposal = proposalOf(await runScript(repositoryOf(client, name, signal), script))
    if (proposal.former !== undefined || proposal.changed.length > 0) return proposal
    const { namespace } = gitDaemonServer
    throw PlayError.of('GIT_FAILED', { what, reason: 'there are no files to begin with', namespace })
  },
  async accept(client, name, { commit, former = '' }, signal) {
    const what = `put the branch of ${name} on a commit`
    const parameters = [commit, former]
    await runScript(repositoryOf(client, name, signal), { what, text: acceptScript, parameters })
  },
  async revert(client, name, commit, signal) {
    const what = `undo a commit in ${name}`
    const parameters = [commit, author.name, author.email]
    const script = { what, text: revertScript, parameters }
    return (await runScript(repositoryOf(client, name, signal), script)).trim()
  },
  async remove(client, name, signal) {
    const script = { what: `delete ${name}`, text: removeScript }
    return (await runScript(repositoryOf(client, name, signal), script)) !== ''
  },
}

function repositoryOf(client: RepositoryClient, name: string, signal: AbortSignal): Repository {
  return { client, path: `/srv/git/${checked(name)}`, signal }
}

function checked(name: string): string {
  const isLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)
  if (isLabel && name !== gitDaemonServer.repository) return name
  throw PlayError.of('BUG_UNEXPECTED', {
    reason: `${JSON.stringify(name)} is no name for a repository of a demo`,
  })
}

/** Reads commit, former, each path, and an empty text, with NUL after each of them; all else is the difference. */
function proposalOf(output: string): Proposal {
  const words: string[] = []
  let start = 0
  // The former commit may be empty too, no path ever is.
  while (words.length < 3 || words.at(-1) !== '') {
    const end = output.indexOf('\0', start)
    if (end === -1) throw PlayError.of('BUG_UNEXPECTED', { reason: 'a proposal was cut off' })
    words.push(output.slice(start, end))
    start = end + 1
  }
  const [commit = '', former = '', ...changed] = words.slice(0, -1)
  const isUnchanged = changed.length === 0 && former !== ''
  return {
    commit: isUnchanged ? former : commit,
    former: former === '' ? undefined : former,
    changed,
    diff: output.slice(start),
  }
}
