import { describe, expect, it } from 'vitest'
import type { PartStatus, Status } from '../../../src/domain/results.ts'
import { displayWidth } from '../../../src/ui/display-text.ts'
import { statusView } from '../../../src/ui/status-view.ts'

const mebibyte = 2 ** 20
const now = Date.parse('2026-01-02T00:00:00Z')

const argoCd: PartStatus = {
  ...{ id: 'argo-cd', title: 'Argo CD', version: '3.5.1', status: 'healthy', reason: '', sync: 'synced' },
  createdAt: '2026-01-01T21:00:00Z',
  memory: { requestedBytes: 256 * mebibyte, usedBytes: 210.5 * mebibyte },
}
const workflows: PartStatus = {
  ...{ id: 'argo-workflows', title: 'Argo Workflows', version: '4.0.7' },
  ...{ status: 'progressing', sync: 'out-of-sync' },
  reason: 'workflow-controller 0/1 ready',
  createdAt: '2026-01-01T23:55:00Z',
  memory: { requestedBytes: 1.2 * 1024 * mebibyte },
}

function status(changes: Partial<Status> = {}): Status {
  return {
    ...{
      name: 'dev',
      phase: 'ready',
      healthy: true,
      kubernetesVersion: '1.34.10',
      nodes: 1,
      engine: 'podman',
    },
    ...{ context: 'play-dev', kubeconfig: '/k', server: 'https://127.0.0.1:36443' },
    createdAt: '2026-01-01T20:59:00Z',
    expiresAt: null,
    cluster: { status: 'healthy', reason: '' },
    git: { sync: 'synced', reason: '' },
    components: [argoCd, workflows],
    endpoints: [{ name: 'git', title: 'Git', scheme: 'git', component: 'git' }],
    ports: [{ hostPort: 8080, containerPort: 30_080 }],
    ...changes,
  }
}

const view = (changes: Partial<Status> = {}, width?: number): string =>
  statusView(status(changes), { color: false, now, ...(width === undefined ? {} : { width }) })

describe('the status of a playground', () => {
  it('shows each part with its health, sync, age and memory, and why something is not well', () => {
    expect(view()).toBe(
      `Playground dev

  Phase    ready
  Context  play-dev
  Server   https://127.0.0.1:36443
  Runs on  podman
  To open  git (play open)
  Ports    8080:30080

PART                  HEALTH       GIT          AGE   MEMORY  REQUESTED
Kubernetes 1.34.10    healthy      synced        3h
Argo CD 3.5.1         healthy      synced        3h  211 MiB    256 MiB
Argo Workflows 4.0.7  progressing  out-of-sync   5m             1.2 GiB

Argo Workflows: workflow-controller 0/1 ready`,
    )
  })

  it('fits 80 columns with all that it can have to say', () => {
    const table = view({}, 80).split('\n\n').at(-2) ?? ''
    expect(table).toContain('out-of-sync')
    for (const line of table.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80)
    expect(table).not.toContain('…')
  })

  it('leaves out columns that nothing fills', () => {
    const bare: PartStatus = { id: 'git', title: 'Git', version: '1.0.0', status: 'unknown', reason: 'away' }
    const text = view({ git: null, components: [bare], endpoints: [], ports: [] })
    expect(text).toContain('PART                HEALTH   AGE\n')
    expect(text).not.toMatch(/To open|Ports/)
  })

  it.each([40, 80, undefined])('never cuts a reason off, at a width of %s', (width) => {
    const reason = `Manifest generation error (cached): plugin sidecar failed: ${'very '.repeat(30)}long: yaml: line 12`
    expect(view({ git: { sync: 'unknown', reason } }, width)).toContain(`List of applications: ${reason}`)
  })

  it('shows every line of a reason, and nothing of escape sequences', () => {
    const text = view({ components: [{ ...argoCd, reason: 'error\u001B[2J in\n  apps/git.yaml' }] })
    expect(text).toMatch(/\n\nArgo CD: error in\n {2}apps\/git\.yaml$/)
  })
})
