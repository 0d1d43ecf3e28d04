import { describe, expect, test } from 'vitest'
import { kindConfig } from '../../../src/pulumi/provider/kind-config.ts'
import { inputs } from '../../fakes/cluster-inputs.ts'

describe('kind’s configuration', () => {
  test('of one node', () => {
    expect(kindConfig(inputs)).toMatchInlineSnapshot(`
      "{
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "name": "play-dev",
        "networking": {
          "apiServerAddress": "127.0.0.1"
        },
        "nodes": [
          {
            "role": "control-plane",
            "image": "kindest/node:v1.34.10",
            "extraMounts": [
              {
                "hostPath": "/state/dev/owner-1",
                "containerPath": "/kind/play-owner",
                "readOnly": true
              }
            ],
            "extraPortMappings": []
          }
        ],
        "kubeadmConfigPatches": [
          "{\\"kind\\":\\"ClusterConfiguration\\",\\"controllerManager\\":{\\"extraArgs\\":{\\"leader-elect\\":\\"false\\",\\"node-monitor-period\\":\\"1s\\",\\"kube-api-qps\\":\\"200\\",\\"kube-api-burst\\":\\"400\\"}},\\"scheduler\\":{\\"extraArgs\\":{\\"leader-elect\\":\\"false\\"}},\\"featureGates\\":{\\"PublicKeysECDSA\\":true},\\"etcd\\":{\\"local\\":{\\"extraArgs\\":{\\"unsafe-no-fsync\\":\\"true\\"}}}}",
          "{\\"kind\\":\\"InitConfiguration\\",\\"skipPhases\\":[\\"preflight\\",\\"kubelet-finalize\\"]}"
        ]
      }
      "
    `)
  })

  test('[row 38] marks every node, and publishes ports of the first only, on loopback', () => {
    const config = JSON.parse(
      kindConfig({ ...inputs, nodes: 3, portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
    ) as { nodes: { role: string; extraMounts: object[]; extraPortMappings?: object[] }[] }
    expect(config.nodes.map(({ role }) => role)).toEqual(['control-plane', 'worker', 'worker'])
    for (const { extraMounts } of config.nodes) expect(extraMounts).toHaveLength(1)
    expect(config.nodes.map(({ extraPortMappings }) => extraPortMappings)).toEqual([
      [{ containerPort: 80, hostPort: 8080, listenAddress: '127.0.0.1', protocol: 'TCP' }],
      undefined,
      undefined,
    ])
  })

  test('passes containerd’s patches on', () => {
    const patches = [
      '[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d"',
    ]
    expect(JSON.parse(kindConfig({ ...inputs, containerdConfigPatches: patches }))).toMatchObject({
      containerdConfigPatches: patches,
    })
  })
})
