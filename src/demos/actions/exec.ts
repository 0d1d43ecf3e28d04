/** The action `exec`: a command in a pod that runs. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { ExecAction } from '../../domain/demo-definition.ts'
import { isReady } from '../../domain/pod-status.ts'
import type { Perform } from '../scene.ts'

/** Throws DEMO_FAILED where no pod runs, or with what the command wrote when it fails. */
export const exec: Perform<ExecAction> = async ({ exec: wanted }, scene, { signal, report }) => {
  const { context, text, failure } = scene
  const { namespace, selector, container } = wanted
  const client = await context.client()
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: selector }
  const pod = (await client.list(ref, signal)).find(isReady)
  const inspect = `kubectl --namespace ${namespace} get pods --selector ${selector}`
  if (pod === undefined) throw failure(`no pod with ${selector} is ready in ${namespace}`, inspect)
  const target = { namespace, pod: pod.metadata.name, container: container ?? firstContainer(pod) }
  const command = wanted.command.map(text)
  const { exitCode, stdout, stderr } = await client.exec({ ...target, command }, signal)
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  for (const line of lines) report.log(line, pod.metadata.name)
  if (exitCode === 0) return { stdout: stdout.trim() }
  throw failure(`${command[0] ?? ''} ended with exit code ${String(exitCode)}`, inspect, lines.slice(-40))
}

function firstContainer(pod: KubeObject): string {
  const { containers = [] } = (pod['spec'] ?? {}) as { containers?: readonly { name: string }[] }
  return containers[0]?.name ?? ''
}
