/** Every error a person can meet: id, kind, message and what to do next. Ids are public API. */
import { artifactErrors } from './artifact-errors.ts'
import { entry, type Entry } from './catalog-entry.ts'
import { componentErrors } from './component-errors.ts'
import { demoErrors } from './demo-errors.ts'

/** "did you mean" for the nearest names, or the whole list where nothing is near. */
function orList(near: readonly string[], all: readonly string[]): string[] {
  return near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : [`Known: ${all.join(', ')}`]
}

/** The catalog. One entry per thing that can go wrong; the tests provoke each of them. */
export const errorCatalog = {
  BUG_UNEXPECTED: entry<{ reason: string }>(
    'bug',
    (p) => `Something went wrong that play did not expect: ${p.reason}`,
    () => ['Run the command again with DEBUG=play to see the stack', 'play doctor'],
  ),
  USAGE_INVALID: entry<{ reason: string }>(
    'usage',
    (p) => p.reason,
    () => ['play --help'],
  ),
  USAGE_NAME: entry<{ name: string; reason: string }>(
    'usage',
    (p) => `"${p.name}" is no name for a playground: ${p.reason}`,
    () => ['Use lower-case letters, digits and dashes, for example: play up my-playground'],
  ),
  USAGE_UNKNOWN_COMPONENT: entry<{ name: string; near: readonly string[]; known: readonly string[] }>(
    'usage',
    (p) => `There is no component "${p.name}"`,
    (p) => orList(p.near, p.known),
  ),
  USAGE_UNKNOWN_ENDPOINT: entry<{ name: string; near: readonly string[]; known: readonly string[] }>(
    'usage',
    (p) => `There is nothing called "${p.name}" to open`,
    (p) => [...orList(p.near, p.known), 'play open'],
  ),
  USAGE_UNKNOWN_DEMO: entry<{ name: string; near: readonly string[]; known: readonly string[] }>(
    'usage',
    (p) => `There is no demo "${p.name}"`,
    (p) => [...orList(p.near, p.known), 'play demo list'],
  ),
  USAGE_KUBERNETES_VERSION: entry<{ version: string; available: readonly string[] }>(
    'usage',
    (p) => `Kubernetes ${p.version} is not available here`,
    (p) => [`Available: ${p.available.join(', ')}`, 'play bundle list'],
  ),
  NODE_TOO_OLD: entry<{ found: string; needed: string }>(
    'prerequisite',
    (p) => `play needs Node.js ${p.needed} or newer; this is ${p.found}`,
    () => ['Install a current Node.js from https://nodejs.org'],
  ),
  ENGINE_MISSING: entry<{ looked: readonly string[] }>(
    'prerequisite',
    (p) => `No container engine answers (looked for ${p.looked.join(' and ')})`,
    () => ['Start Docker or Podman, then run the command again', 'play doctor --fix'],
  ),
  ENGINE_DOWN: entry<{ engine: string }>(
    'prerequisite',
    (p) => `${p.engine} is installed but does not answer`,
    (p) => [
      p.engine === 'docker' ? 'Start Docker Desktop, or: sudo systemctl start docker' : 'podman info',
      'play doctor',
    ],
  ),
  DISK_FULL: entry<{ where: string; neededGiB: number; freeGiB: number; prune: string }>(
    'prerequisite',
    (p) =>
      `Not enough disk space at ${p.where}: ${p.neededGiB.toFixed(1)} GiB needed, ${p.freeGiB.toFixed(1)} GiB free`,
    (p) => [p.prune],
  ),
  TOOL_MISSING: entry<{ tool: string; version: string }>(
    'prerequisite',
    (p) => `${p.tool} ${p.version} was not found in the bundle, in the cache or on PATH`,
    () => ['play doctor', 'play bundle list'],
  ),
  TOOL_VERSION: entry<{ tool: string; found: string; needed: string; path: string }>(
    'prerequisite',
    (p) => `${p.tool} at ${p.path} is version ${p.found}; play needs ${p.needed}`,
    () => ['play doctor'],
  ),
  DOCTOR_UNHEALTHY: entry<{ count: number }>(
    'prerequisite',
    (p) => `${String(p.count)} ${p.count === 1 ? 'prerequisite is' : 'prerequisites are'} missing`,
    () => ['play doctor --fix'],
  ),
  FIX_FAILED: entry<{ what: string }>(
    'prerequisite',
    (p) => `play could not set up this machine: ${p.what} failed`,
    () => ['play doctor'],
  ),
  PLAYGROUND_NOT_FOUND: entry<{ name: string; known: readonly string[] }>(
    'conflict',
    (p) => `There is no playground "${p.name}"`,
    (p) => [
      p.known.length > 0 ? `There are: ${p.known.join(', ')}` : 'There is none yet',
      `play up ${p.name}`,
    ],
  ),
  PLAYGROUND_NOT_READY: entry<{ name: string; reason: string }>(
    'conflict',
    (p) => `Playground "${p.name}" is not ready: ${p.reason}`,
    (p) => [`play up ${p.name}`],
  ),
  COMPONENT_NEEDED: entry<{ name: string; component: string; neededBy: string }>(
    'conflict',
    (p) => `${p.neededBy} needs the component ${p.component}, which playground "${p.name}" does not have`,
    (p) => [`play up ${p.name} --with ${p.component}`],
  ),
  COMPONENT_IN_USE: entry<{ name: string; component: string; neededBy: string }>(
    'conflict',
    (p) => `${p.component} cannot leave playground "${p.name}": ${p.neededBy} needs it`,
    (p) => [`play component remove ${p.neededBy} ${p.name}`],
  ),
  COMPONENT_HOLDS: entry<{ component: string; objects: readonly string[]; remove: string }>(
    'conflict',
    (p) => `${p.component} must stay as long as there is ${p.objects.join(', ')}: nobody else can undo that`,
    (p) => ['If it is in git, take it out there, then: play git push', `Else: ${p.remove}`],
  ),
  CLUSTER_FOREIGN: entry<{ cluster: string; reason: string }>(
    'conflict',
    (p) => `A kind cluster "${p.cluster}" exists that play did not make (${p.reason}); it is left alone`,
    (p) => [
      'Choose another name: play up NAME',
      `Delete it yourself if it is yours: kind delete cluster --name ${p.cluster}`,
    ],
  ),
  SPEC_CHANGED: entry<{ name: string; what: string; have: string; want: string }>(
    'conflict',
    (p) => `Playground "${p.name}" has ${p.what} ${p.have}, not ${p.want}; that cannot be changed in place`,
    (p) => [`play down ${p.name}`, 'Choose another name: play up NAME'],
  ),
  STATE_LOCKED: entry<{ name: string; pid: number; command: string; age: string }>(
    'conflict',
    (p) =>
      `Playground "${p.name}" is being changed by "${p.command}" (process ${String(p.pid)}, for ${p.age})`,
    () => ['Wait until it has ended, then run the command again'],
  ),
  STATE_DAMAGED: entry<{ path: string; reason: string; name: string }>(
    'conflict',
    (p) => `The state file ${p.path} cannot be read: ${p.reason}`,
    (p) => ['Nothing was changed', `play down ${p.name} --force`],
  ),
  STATE_UNWRITABLE: entry<{ path: string; reason: string }>(
    'prerequisite',
    (p) => `play cannot write its state at ${p.path}: ${p.reason}`,
    () => ['Make the folder writable, or set PLAY_STATE_DIR to one that is'],
  ),
  KUBECONFIG_DAMAGED: entry<{ path: string; reason: string }>(
    'conflict',
    (p) => `The kubeconfig ${p.path} cannot be read: ${p.reason}`,
    () => ['Nothing was changed in it', 'Repair it, or leave it alone with --no-kubeconfig'],
  ),
  KUBECONFIG_TAKEN: entry<{ path: string; context: string; server: string }>(
    'conflict',
    (p) => `The kubeconfig ${p.path} has a "${p.context}" of another cluster (${p.server}); it is left alone`,
    () => ['Choose another name: play up NAME', 'Leave the kubeconfig alone with --no-kubeconfig'],
  ),
  KUBECONFIG_LOCKED: entry<{ path: string; lock: string }>(
    'conflict',
    (p) => `The kubeconfig ${p.path} is locked by another program`,
    (p) => [
      'Wait until it has ended, then run the command again',
      `If no kubectl or kind is running: rm ${p.lock}`,
      'Leave the kubeconfig alone with --no-kubeconfig',
    ],
  ),
  KUBECONFIG_UNWRITABLE: entry<{ path: string; reason: string }>(
    'prerequisite',
    (p) => `play cannot write the kubeconfig ${p.path}: ${p.reason}`,
    () => ['Make it writable, or leave it alone with --no-kubeconfig'],
  ),
  PORT_TAKEN: entry<{ port: number }>(
    'conflict',
    (p) => `Port ${String(p.port)} on this machine is taken`,
    (p) => [`ss -ltnp 'sport = :${String(p.port)}'`, 'Choose another port'],
  ),
  KIND_FAILED: entry<{ what: string; name: string }>(
    'source',
    (p) => `kind could not ${p.what}`,
    (p) => [`Try again: play up ${p.name}`, `Clean up: play down ${p.name}`],
  ),
  STACK_FAILED: entry<{ verb: string; reason: string; name: string }>(
    'source',
    (p) => `Pulumi could not ${p.verb} the playground: ${p.reason}`,
    (p) => [`Try again: play up ${p.name}`, `Clean up: play down ${p.name}`],
  ),
  ENGINE_FAILED: entry<{ engine: string; what: string }>(
    'source',
    (p) => `${p.engine} could not ${p.what}`,
    () => ['play doctor'],
  ),
  API_REJECTED: entry<{ object: string; reason: string }>(
    'cluster',
    (p) => `The cluster refused ${p.object}: ${p.reason}`,
    () => ['play status'],
  ),
  API_UNREACHABLE: entry<{ server: string; reason: string }>(
    'cluster',
    (p) => `The cluster's API at ${p.server} does not answer: ${p.reason}`,
    () => ['play status', 'play up'],
  ),
  ...componentErrors,
  COMPONENT_UNHEALTHY: entry<{ component: string; reason: string; namespace: string }>(
    'cluster',
    (p) => `${p.component} did not become healthy: ${p.reason}`,
    (p) => [`kubectl get pods --namespace ${p.namespace}`, `kubectl get events --namespace ${p.namespace}`],
  ),
  GIT_FAILED: entry<{ what: string; reason: string; namespace: string }>(
    'cluster',
    (p) => `git in the cluster could not ${p.what}: ${p.reason}`,
    (p) => [`kubectl logs --namespace ${p.namespace} deployment/git --all-containers`],
  ),
  GIT_REFUSED: entry<{ what: string; reason: string }>(
    'conflict',
    (p) => `git could not ${p.what}: ${p.reason}`,
    () => ['git status'],
  ),
  GIT_CREDENTIALS: entry<{ path: string; reason: string }>(
    'prerequisite',
    (p) => `${p.path} does not open the repository: ${p.reason}`,
    () => [
      'For https: one line https://USER:TOKEN@HOST; for ssh: a private key without a passphrase',
      'play up --git URL --git-credentials FILE',
    ],
  ),
  GIT_BRANCH_TAKEN: entry<{ url: string; branch: string; reason: string }>(
    'conflict',
    (p) => `Branch ${p.branch} of ${p.url} is left alone: ${p.reason}`,
    (p) => [`Use a branch of its own: play up --git ${p.url} --git-branch play`],
  ),
  APPLICATION_BROKEN: entry<{ application: string; reason: string }>(
    'cluster',
    (p) => `${p.application} cannot be brought in line with its repository: ${p.reason}`,
    () => ['play git clone', 'Correct the file, commit it, then: play git push'],
  ),
  ...demoErrors,
  PIPELINE_GONE: entry<{ run: string }>(
    'cluster',
    (p) => `${p.run} is not there any more: it was deleted while it was followed`,
    () => ['Run the same command again.'],
  ),
  WAIT_TIMEOUT: entry<{ waitedFor: string; seconds: number; lastSeen: string }>(
    'timeout',
    (p) =>
      `"${p.waitedFor}" was not done after ${String(p.seconds)} s${p.lastSeen === '' ? '' : `: ${p.lastSeen}`}`,
    () => ['Run the same command again to go on waiting, with more patience: --timeout 20m'],
  ),
  ...artifactErrors,
  ENGINE_CHANGED: entry<{ name: string; recorded: string; found: string; folder: string }>(
    'unknown',
    (p) => `"${p.name}" was made with ${p.recorded}, but ${p.found} answers now: it cannot tell what is left`,
    (p) => [
      `Make ${p.recorded} answer (its daemon, context or DOCKER_HOST), then run the command again`,
      `Where that engine is gone for good, so is the playground: rm -r ${p.folder}`,
    ],
  ),
  LEFTOVERS_FOUND: entry<{ name: string; count: number }>(
    'leftovers',
    (p) => `"${p.name}" is not gone: ${String(p.count)} ${p.count === 1 ? 'thing is' : 'things are'} left`,
    (p) => [`play down ${p.name}`],
  ),
  EMPTINESS_UNKNOWN: entry<{ name: string; what: string }>(
    'unknown',
    (p) => `play could not look everywhere for "${p.name}" (${p.what}), so it claims nothing`,
    (p) => [`play down ${p.name}`],
  ),
  CONFIRM_NEEDED: entry<{ action: string }>(
    'usage',
    (p) => `${p.action} needs a yes, and there is no terminal to ask on`,
    () => ['Add --yes'],
  ),
  CANCELLED: entry<{ resume: readonly string[] }>(
    'interrupted',
    () => 'Interrupted',
    (p) => p.resume,
  ),
} as const satisfies Record<string, Entry<never>>

export type ErrorId = keyof typeof errorCatalog

/** The parameters that the catalog entry `Id` takes. */
export type ErrorParams<Id extends ErrorId> = (typeof errorCatalog)[Id] extends Entry<infer P> ? P : never
