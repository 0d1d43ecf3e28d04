import { describe, expect, test } from 'vitest'
import { troubleOf, type PodTrouble } from '../../../src/components/install/pod-trouble.ts'

function troubleWith(container: object, metadata: object = {}): PodTrouble | undefined {
  return troubleOf({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', ...metadata },
    spec: { initContainers: [{ name: 'init' }], containers: [{ name: 'web', image: 'example.org/web:1' }] },
    status: { containerStatuses: [{ name: 'web', image: 'example.org/web:1', ...container }] },
  })
}

function waiting(reason: string, message?: string): object {
  return { state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } }
}

describe('a pod that does not run', () => {
  test.each<[string, object]>([
    ['has just been made', {}],
    ['is being started', waiting('ContainerCreating')],
    ['waits for a secret that another pod may make', waiting('CreateContainerConfigError', 'not found')],
    ['runs', { state: { running: {} } }],
  ])('is in no trouble while it %s', (_what, container) => {
    expect(troubleWith(container)).toBeUndefined()
  })

  test('is in no trouble when it is about to go', () => {
    const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }
    expect(troubleWith(waiting('ErrImagePull', 'not found'), going)).toBeUndefined()
  })

  test.each([
    waiting('ErrImagePull', 'failed to pull and unpack image "example.org/web:1": not found'),
    waiting('ErrImagePull', 'failed to resolve reference: manifest unknown'),
    waiting('ErrImagePull', 'dial tcp: lookup example.org: no such host'),
    waiting('ErrImagePull', 'failed to authorize: 401 Unauthorized'),
    waiting('ImagePullBackOff', 'Back-off pulling image: ErrImagePull: pull access denied'),
    waiting('ErrImageNeverPull', 'Container image is not present with pull policy of Never'),
    waiting('InvalidImageName', 'couldn’t parse image name'),
  ])('has an image that will not come: %j', (container) => {
    expect(troubleWith(container)).toMatchObject({
      ...{ kind: 'image', container: 'web', image: 'example.org/web:1', definitive: true },
      reason: expect.stringMatching(/^\w+: /) as string,
    })
  })

  test.each([
    waiting('ErrImagePull', 'dial tcp 192.0.2.1:443: i/o timeout'),
    waiting('ErrImagePull', 'dial tcp 192.0.2.1:443: connect: connection refused'),
    waiting('ErrImagePull', '429 Too Many Requests'),
    waiting('ImagePullBackOff', 'Back-off pulling image "example.org/web:1"'),
    waiting('RegistryUnavailable'),
  ])('has an image that may yet come: %j', (container) => {
    expect(troubleWith(container)).toMatchObject({ kind: 'image', definitive: false })
  })

  test('crashes, and tells how it ended', () => {
    const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled' } }
    const message = 'back-off 40s restarting failed container=web pod=web-1_default(1)'
    expect(troubleWith({ ...waiting('CrashLoopBackOff', message), restartCount: 3, lastState })).toEqual({
      ...{ kind: 'crash', container: 'web', restarts: 3, lasting: false },
      end: 'with exit code 137 (OOMKilled)',
    })
    const error = { terminated: { exitCode: 1, reason: 'Error' } }
    expect(troubleWith({ ...waiting('CrashLoopBackOff'), lastState: error })).toMatchObject({
      end: 'with exit code 1',
    })
    expect(troubleWith(waiting('CrashLoopBackOff'))).toMatchObject({ end: 'for an unknown reason' })
  })

  test('has crashed for long when kubelet waits for long', () => {
    const message = 'back-off 5m0s restarting failed container=web pod=web-1_default(1)'
    expect(troubleWith(waiting('CrashLoopBackOff', message))).toMatchObject({ lasting: true })
  })
})
