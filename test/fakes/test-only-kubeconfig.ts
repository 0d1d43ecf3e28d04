/** Kubeconfigs for the API server stand-in. */
import { writeFile } from 'node:fs/promises'
import { testOnlyTls } from './test-only-tls.ts'

/** Fields to change; undefined takes a field out. */
export interface KubeconfigChanges {
  readonly user?: object
  readonly cluster?: object
}

/** Writes a kubeconfig with the context `test` and a client certificate. */
export async function writeTestKubeconfig(
  path: string,
  server: string,
  changes: KubeconfigChanges = {},
): Promise<void> {
  const base64 = (name: string): string => Buffer.from(testOnlyTls(name)).toString('base64')
  const cluster = { server, 'certificate-authority-data': base64('ca.crt'), ...changes.cluster }
  const user = {
    'client-certificate-data': base64('client.crt'),
    'client-key-data': base64('client.key'),
    ...changes.user,
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  }
  await writeFile(path, JSON.stringify(config), { mode: 0o600 })
}
