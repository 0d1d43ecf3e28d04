/** Turns the inputs of a kind cluster into kind's own configuration; pure, golden tested. */
import type { KindClusterInputs } from './resources.ts'

/**
 * The configuration as JSON, which is YAML. Fields: https://kind.sigs.k8s.io/docs/user/configuration/.
 * The API server is published on loopback only, which is also kind's default.
 */
export function kindConfig(inputs: KindClusterInputs): string {
  const { name, nodes, image, mounts, portMappings, containerdConfigPatches } = inputs
  const extraMounts = mounts.map(({ hostPath, containerPath, readOnly }) => ({
    hostPath,
    containerPath,
    readOnly,
  }))
  const node = (role: string, extra: object): object => ({ role, image, extraMounts, ...extra })
  const extraPortMappings = portMappings.map(({ containerPort, hostPort }) => ({
    containerPort,
    hostPort,
    listenAddress: '127.0.0.1',
    protocol: 'TCP',
  }))
  const config = {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name,
    networking: { apiServerAddress: '127.0.0.1' },
    nodes: [
      node('control-plane', { extraPortMappings }),
      ...Array.from({ length: nodes - 1 }, () => node('worker', {})),
    ],
    ...kubeadmPatches(inputs.kubernetesVersion),
    ...(containerdConfigPatches.length > 0 ? { containerdConfigPatches } : {}),
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/**
 * What makes a playground's control plane start sooner, all of it by kubeadm's own settings: no election of a leader
 * that is alone; pods a second after a node is ready instead of five; elliptic keys, since sixteen RSA keys take two
 * seconds of a processor; no fsync in etcd, whose data needs to survive the end of processes and nodes, not that of the
 * machine. Written for kubeadm's v1beta3, which kind uses below Kubernetes 1.36; later ones stay as they are.
 */
function kubeadmPatches(kubernetesVersion: string): { readonly kubeadmConfigPatches?: readonly string[] } {
  const [major = 0, minor = 0] = kubernetesVersion.split('.').map(Number)
  if (major !== 1 || minor >= 36) return {}
  const cluster = {
    kind: 'ClusterConfiguration',
    controllerManager: {
      extraArgs: {
        'leader-elect': 'false',
        'node-monitor-period': '1s',
        // The default of 20 a second makes it take 7 s to start its controllers, the one that runs kube-proxy among them.
        'kube-api-qps': '200',
        'kube-api-burst': '400',
      },
    },
    scheduler: { extraArgs: { 'leader-elect': 'false' } },
    featureGates: { PublicKeysECDSA: true },
    etcd: { local: { extraArgs: { 'unsafe-no-fsync': 'true' } } },
  }
  // Left out besides kind's own `preflight`: a restart of the kubelet, for certificates that are renewed after a year.
  const init = { kind: 'InitConfiguration', skipPhases: ['preflight', 'kubelet-finalize'] }
  return { kubeadmConfigPatches: [JSON.stringify(cluster), JSON.stringify(init)] }
}
