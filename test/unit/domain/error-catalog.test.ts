import { describe, expect, test } from 'vitest'
import { exitCodes } from '../../../src/domain/catalog-entry.ts'
import { errorCatalog, type ErrorId, type ErrorParams } from '../../../src/domain/error-catalog.ts'
import { PlayError } from '../../../src/domain/errors.ts'

/** Parameters of one occurrence of every error; a new entry of the catalog belongs here too. */
const samples: { readonly [Id in ErrorId]: ErrorParams<Id> } = {
  BUG_UNEXPECTED: { reason: 'x is not a function' },
  USAGE_INVALID: { reason: 'There is no flag --nodez' },
  USAGE_NAME: { name: 'Dev', reason: 'it holds upper-case letters' },
  USAGE_UNKNOWN_COMPONENT: { name: 'argocd', near: ['argo-cd'], known: ['argo-cd', 'argo-workflows'] },
  USAGE_UNKNOWN_ENDPOINT: { name: 'argocdd', near: ['argocd'], known: ['argocd', 'git'] },
  USAGE_UNKNOWN_DEMO: { name: 'helo', near: [], known: ['hello'] },
  USAGE_KUBERNETES_VERSION: { version: '1.2.3', available: ['1.34.10'] },
  NODE_TOO_OLD: { found: 'v20.20.2', needed: '22.13' },
  ENGINE_MISSING: { looked: ['docker', 'podman'] },
  ENGINE_DOWN: { engine: 'docker' },
  DISK_FULL: { where: '/var/lib/docker', neededGiB: 6, freeGiB: 1.25, prune: 'docker system prune --all' },
  TOOL_MISSING: { tool: 'kind', version: '0.32.0' },
  TOOL_VERSION: { tool: 'kind', found: '0.1.0', needed: '0.32.0', path: '/usr/bin/kind' },
  DOCTOR_UNHEALTHY: { count: 2 },
  FIX_FAILED: { what: 'apt-get install podman' },
  PLAYGROUND_NOT_FOUND: { name: 'dev', known: ['workshop'] },
  PLAYGROUND_NOT_READY: { name: 'dev', reason: 'it is failed' },
  COMPONENT_NEEDED: { name: 'dev', component: 'argo-workflows', neededBy: 'demo hello' },
  COMPONENT_HOLDS: {
    component: 'pulumi-operator',
    objects: ['Stack default/site'],
    remove: 'kubectl delete stack site --namespace default',
  },
  PUBLISHED_UNKNOWN: { name: 'dev' },
  COMPONENT_IN_USE: { name: 'dev', component: 'registry', neededBy: 'buildkit' },
  COMPONENT_CONFLICT: {
    ...{ component: 'Argo CD', id: 'argo-cd', name: 'dev' },
    objects: ['CustomResourceDefinition applications.argoproj.io'],
    more: 2,
    remove: 'kubectl delete customresourcedefinition applications.argoproj.io',
  },
  CLUSTER_FOREIGN: { cluster: 'play-dev', reason: 'play-dev-control-plane has no mark of play' },
  SPEC_CHANGED: { name: 'dev', what: 'nodes:', have: '1', want: '2' },
  STATE_LOCKED: { name: 'dev', pid: 42, command: 'play up dev', age: '12s' },
  STATE_DAMAGED: { path: '/state/dev/state.json', reason: 'it is empty', name: 'dev' },
  STATE_UNWRITABLE: { path: '/state', reason: 'permission denied' },
  KUBECONFIG_DAMAGED: { path: '/home/me/.kube/config', reason: 'it is no YAML' },
  KUBECONFIG_TAKEN: { path: '/home/me/.kube/config', context: 'play-dev', server: 'https://example.org' },
  KUBECONFIG_LOCKED: { path: '/home/me/.kube/config', lock: '/home/me/.kube/config.lock' },
  KUBECONFIG_UNWRITABLE: { path: '/home/me/.kube/config', reason: 'permission denied' },
  PORT_TAKEN: { port: 8080 },
  KIND_FAILED: { what: 'make the cluster: no space left', name: 'dev' },
  STACK_FAILED: { verb: 'up', reason: 'the stack is locked', name: 'dev' },
  ENGINE_FAILED: { engine: 'podman', what: 'list its kind clusters' },
  API_REJECTED: { object: 'Deployment argocd/argocd-server', reason: 'forbidden' },
  API_UNREACHABLE: { server: 'https://127.0.0.1:6443', reason: 'connection refused' },
  COMPONENT_UNHEALTHY: { component: 'Argo CD', reason: 'argocd-server 0/1 ready', namespace: 'argocd' },
  IMAGE_UNAVAILABLE: {
    ...{ component: 'Argo CD', image: 'quay.io/argoproj/argocd:v3.5.1', pod: 'argocd-server-1' },
    ...{ namespace: 'argocd', reason: 'ErrImagePull: not found', bundled: true, name: 'dev' },
  },
  GIT_REFUSED: { what: 'push', reason: '! [rejected] main -> main (fetch first)' },
  GIT_FAILED: { what: 'commit the platform', reason: 'fatal: not a repository', namespace: 'git' },
  GIT_CREDENTIALS: { path: '/home/me/token', reason: 'permission denied' },
  GIT_BRANCH_TAKEN: { url: 'https://example.org/me/x.git', branch: 'main', reason: 'it has commits' },
  REGISTRY_CREDENTIALS: { path: '/home/me/config.json', host: 'ghcr.io', reason: 'it is not there' },
  APPLICATION_BROKEN: { application: 'argo-cd', reason: 'Failed to unmarshal "a.yaml": yaml: line 3' },
  PIPELINE_GONE: { run: 'Workflow demo-hello/hello-world-x7k2p' },
  DEMO_INVALID: { file: 'my-demo/demo.yaml', line: 3, column: 5, reason: 'there is no step "puhs"' },
  DEMO_COPY_REFUSED: { directory: 'ci', reason: 'it has files in it' },
  DEMO_UNSUITED: { demo: 'ci', name: 'dev', reason: 'its pipeline is written for argo-workflows' },
  REPORT_UNWRITABLE: { file: 'no/report.html', reason: 'there is no folder no' },
  DEMO_FAILED: { demo: 'hello', reason: 'Error (exit code 3)', inspect: 'kubectl get workflow hello' },
  WAIT_TIMEOUT: { waitedFor: 'the API server', seconds: 600, lastSeen: 'no node yet' },
  OFFLINE_NO_BUNDLE: { looked: '/home/me/.cache/play/bundles' },
  DOWNLOAD_FAILED: { url: 'https://example.org/kind', reason: '404 Not Found' },
  CHECKSUM_MISMATCH: { what: 'kind', expected: 'a'.repeat(64), actual: 'b'.repeat(64) },
  CHECKSUM_UNPINNED: { what: 'kind', checksumUrl: 'https://example.org/sums', sha256: 'a'.repeat(64) },
  BUNDLE_INVALID: { path: '/bundle', reason: 'index.json is missing' },
  BUNDLE_DAMAGED: { path: '/bundle', entries: ['kind', 'pulumi'] },
  ARTIFACT_MISSING: { artifact: 'image quay.io/argoproj/argocd:v3.5.1', bundle: '/bundle' },
  BUNDLE_LACKS_IMAGE: { image: 'docker.io/library/registry:3.1.2', component: 'registry', name: 'dev' },
  ENGINE_CHANGED: { name: 'dev', recorded: 'podman', found: 'docker', folder: '/s/dev' },
  LEFTOVERS_FOUND: { name: 'dev', count: 1 },
  EMPTINESS_UNKNOWN: { name: 'dev', what: 'containers' },
  CONFIRM_NEEDED: { action: 'Removing dev and workshop' },
  CANCELLED: { resume: ['play up dev', 'play down dev'] },
}

const ids = Object.keys(errorCatalog) as ErrorId[]

function sample(id: ErrorId): PlayError {
  return PlayError.of(id, samples[id] as never)
}

describe('the error catalog', () => {
  test('has a sample for every entry in this test', () => {
    expect(Object.keys(samples).sort()).toEqual([...ids].sort())
  })

  test('has the exit codes that the documentation promises', () => {
    expect(exitCodes).toEqual({
      bug: 1,
      usage: 2,
      prerequisite: 3,
      conflict: 4,
      source: 5,
      cluster: 6,
      timeout: 7,
      network: 8,
      leftovers: 9,
      unknown: 10,
      interrupted: 130,
    })
  })

  test.each(ids)('%s is one line for a person, with its exit code and advice', (id) => {
    const error = sample(id)
    expect(error.id).toBe(id)
    expect(error.exitCode).toBe(exitCodes[errorCatalog[id].kind])
    for (const text of [error.message, ...error.suggestions]) {
      expect(text.trim()).not.toBe('')
      expect(text).not.toMatch(/undefined|null|NaN|\[object|\n/)
    }
    expect(error.message).not.toMatch(/[.]$/)
  })

  test.each(ids)('%s is an id that scripts can match', (id) => {
    expect(id).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
  })

  test('says what to do next for everything that stops a command', () => {
    // The only entry that is a warning: it tells where a sum came from.
    const silent = ids.filter((id) => sample(id).suggestions.length === 0)
    expect(silent).toEqual(['CHECKSUM_UNPINNED'])
  })

  test('counts in the singular and in the plural', () => {
    expect(PlayError.of('LEFTOVERS_FOUND', { name: 'dev', count: 1 }).message).toContain('1 thing is left')
    expect(PlayError.of('LEFTOVERS_FOUND', { name: 'dev', count: 3 }).message).toContain('3 things are left')
    expect(PlayError.of('DOCTOR_UNHEALTHY', { count: 1 }).message).toContain('1 prerequisite is missing')
  })

  test('offers the whole list where no name is near', () => {
    expect(sample('USAGE_UNKNOWN_COMPONENT').suggestions).toEqual(['Did you mean argo-cd?'])
    expect(sample('USAGE_UNKNOWN_DEMO').suggestions).toEqual(['Known: hello', 'play demo list'])
  })
})

describe('an error', () => {
  test('is plain data for machines, without its cause', () => {
    const error = PlayError.of(
      'PORT_TAKEN',
      { port: 80 },
      { cause: new Error('secret'), details: ['one line'] },
    )
    expect(error.cause).toBeInstanceOf(Error)
    expect(error.toData()).toEqual({
      id: 'PORT_TAKEN',
      exitCode: 4,
      message: 'Port 80 on this machine is taken',
      suggestions: ["ss -ltnp 'sport = :80'", 'Choose another port'],
      details: ['one line'],
    })
  })

  test('takes advice of its own where the place knows better', () => {
    expect(PlayError.of('PORT_TAKEN', { port: 80 }, { suggestions: ['Stop nginx'] }).suggestions).toEqual([
      'Stop nginx',
    ])
  })
})
