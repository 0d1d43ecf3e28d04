// The programs that are built from Go modules: which module, with which pins, flags and usual time.

/** One wrapper module: a folder with only a go.mod. Never one wrapper for two upstream projects: their pins conflict. */
export interface GoModule {
  readonly name: string
  /** Language version that the wrapper states. */
  readonly go: string
  readonly require: readonly string[]
  readonly replace: readonly string[]
  readonly exclude: readonly string[]
  /** A symbolic link that the module's zip cannot carry; the build restores it in its own copy of the module. */
  readonly restoredLink?: { readonly module: string; readonly path: string; readonly target: string }
}

/** One program of a module. */
export interface GoProgram {
  readonly name: string
  readonly module: GoModule
  readonly packagePath: string
  /** Version as its project writes it. */
  readonly version: string
  /** Where the source comes from, for the index. */
  readonly source: string
  /** `-X` settings of the linker: package.Name=value. */
  readonly settings: readonly string[]
  readonly tags: readonly string[]
  /** Seconds of a cold build on two cores; only shares matter. */
  readonly usualSeconds: number
}

const STAGING = (
  'api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap ' +
  'code-generator component-base component-helpers controller-manager cri-api cri-client csi-translation-lib ' +
  'dynamic-resource-allocation endpointslice externaljwt kms kube-aggregator kube-controller-manager kube-proxy ' +
  'kube-scheduler kubectl kubelet metrics mount-utils pod-security-admission sample-apiserver sample-cli-plugin ' +
  'sample-controller'
).split(' ')

const staging = (modules: readonly string[], version: string): string[] =>
  modules.map((module) => `k8s.io/${module} => k8s.io/${module} ${version}`)

const module = (
  name: string,
  go: string,
  require: readonly string[],
  more: Partial<GoModule> = {},
): GoModule => ({
  ...{ name, go, require, replace: [], exclude: [] },
  ...more,
})

/** Versions that other files name too. */
export const VERSIONS = {
  kubernetes: 'v1.34.10',
  etcd: 'v3.6.5',
  coredns: 'v1.12.1',
  kind: 'v0.32.0',
  pulumi: 'v3.259.0',
  pulumiYaml: 'v1.38.1',
  argoCd: 'v3.5.7',
  /** The release whose manifests are applied; they differ from those of `argoCd` in the image's tag alone. */
  argoCdManifests: 'v3.5.1',
  argoWorkflows: 'v4.0.7',
  kustomize: 'v5.8.1',
  buildkit: 'v0.32.2',
  registry: 'v3.1.2',
  tekton: 'v1.0.0',
} as const

const kubernetes = module('kubernetes', '1.25.0', [`k8s.io/kubernetes ${VERSIONS.kubernetes}`], {
  replace: staging(STAGING, VERSIONS.kubernetes.replace('v1.', 'v0.')),
})
const etcd = module('etcd', '1.24.0', [
  `go.etcd.io/etcd/server/v3 ${VERSIONS.etcd}`,
  `go.etcd.io/etcd/etcdctl/v3 ${VERSIONS.etcd}`,
])
const coredns = module('coredns', '1.25.0', [`github.com/coredns/coredns ${VERSIONS.coredns}`])
const kind = module('kind', '1.25.0', [`sigs.k8s.io/kind ${VERSIONS.kind}`])
const pulumiModules = ['pkg', 'sdk'].map((part) => `github.com/pulumi/pulumi/${part}/v3 ${VERSIONS.pulumi}`)
const pulumi = module('pulumi', '1.25.11', pulumiModules)
const pulumiYaml = module('pulumi-yaml', '1.25.11', [
  `github.com/pulumi/pulumi-yaml ${VERSIONS.pulumiYaml}`,
  ...pulumiModules,
])
const argoCd = module('argo-cd', '1.26.3', [`github.com/argoproj/argo-cd/v3 ${VERSIONS.argoCd}`], {
  replace: [
    ...staging([...STAGING, 'cri-streaming', 'streaming'], 'v0.36.1'),
    // The only version of the engine that is served; Argo CD 3.5.7 compiles with it.
    'github.com/argoproj/argo-cd/gitops-engine => github.com/argoproj/argo-cd/gitops-engine v0.0.0-20260914071520-c9c369efcc5b',
    'github.com/golang/protobuf => github.com/golang/protobuf v1.5.4',
    'github.com/grpc-ecosystem/grpc-gateway => github.com/grpc-ecosystem/grpc-gateway v1.16.0',
    'golang.org/x/tools => golang.org/x/tools v0.35.0',
  ],
})
const kustomize = module('kustomize', '1.24.0', [`sigs.k8s.io/kustomize/kustomize/v5 ${VERSIONS.kustomize}`])
const workflowsRequire = [`github.com/argoproj/argo-workflows/v4 ${VERSIONS.argoWorkflows}`]
const workflows = module('argo-workflows', '1.26.0', workflowsRequire)
const workflowsExecutor = module('argo-workflows-executor', '1.26.0', workflowsRequire, {
  restoredLink: {
    module: 'github.com/argoproj/argo-workflows/v4',
    path: 'workflow/executor/osspecific/signal_linux.go',
    target: 'signal_darwin.go',
  },
})
const buildkit = module('buildkit', '1.26.0', [`github.com/moby/buildkit ${VERSIONS.buildkit}`], {
  exclude: [
    'github.com/davecgh/go-spew v1.1.2-0.20180830191138-d8f796af33cc',
    'github.com/pmezard/go-difflib v1.0.1-0.20181226105442-5d4384ee4fb2',
  ],
})
const distribution = module('distribution', '1.25.0', [
  `github.com/distribution/distribution/v3 ${VERSIONS.registry}`,
])
const tekton = module('tekton', '1.24.0', [`github.com/tektoncd/pipeline ${VERSIONS.tekton}`])

// kubeadm derives the window of versions it accepts from these, so an unstamped build refuses its own cluster.
const kubernetesSettings = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(
  (path) => [
    `${path}.gitVersion=${VERSIONS.kubernetes}`,
    `${path}.gitMajor=1`,
    `${path}.gitMinor=34`,
    `${path}.gitCommit=0000000000000000000000000000000000000000`,
    `${path}.gitTreeState=clean`,
    `${path}.buildDate=2026-08-01T00:00:00Z`,
  ],
)

interface ProgramData {
  readonly name: string
  readonly module: GoModule
  readonly path: string
  readonly seconds: number
  readonly settings?: readonly string[]
  readonly tags?: readonly string[]
}

function program(data: ProgramData): GoProgram {
  const [path, version] = (data.module.require[0] ?? '').split(' ')
  return {
    name: data.name,
    module: data.module,
    packagePath: data.path,
    version: version ?? '',
    source: `go:${path ?? ''}@${version ?? ''}`,
    settings: data.settings ?? [],
    tags: data.tags ?? [],
    usualSeconds: data.seconds,
  }
}

const ofKubernetes = (name: string, seconds: number): GoProgram =>
  program({
    name,
    seconds,
    module: kubernetes,
    path: `k8s.io/kubernetes/cmd/${name}`,
    settings: kubernetesSettings,
  })

const ofTekton = (name: string, seconds: number, tags: readonly string[] = []): GoProgram =>
  program({
    ...{ name: `tekton-${name}`, seconds, tags },
    module: tekton,
    path: `github.com/tektoncd/pipeline/cmd/${name}`,
  })

const workflowsVersion = [`github.com/argoproj/argo-workflows/v4.version=${VERSIONS.argoWorkflows}`]
const buildkitTags = ['osusergo', 'netgo', 'static_build', 'seccomp']

/** Every program, in the order in which they are built: each makes the next of its module cheaper. */
export const GO_PROGRAMS: readonly GoProgram[] = [
  ofKubernetes('kubeadm', 100),
  ofKubernetes('kubectl', 140),
  ofKubernetes('kubelet', 159),
  ofKubernetes('kube-apiserver', 95),
  ofKubernetes('kube-controller-manager', 45),
  ofKubernetes('kube-scheduler', 8),
  ofKubernetes('kube-proxy', 12),
  program({ name: 'etcd', module: etcd, path: 'go.etcd.io/etcd/server/v3', seconds: 29 }),
  program({ name: 'coredns', module: coredns, path: 'github.com/coredns/coredns', seconds: 180 }),
  program({ name: 'kind', module: kind, path: 'sigs.k8s.io/kind', seconds: 9 }),
  program({
    name: 'pulumi',
    module: pulumi,
    path: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
    settings: [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${VERSIONS.pulumi.slice(1)}`],
    seconds: 309,
  }),
  program({
    name: 'argocd',
    module: argoCd,
    path: 'github.com/argoproj/argo-cd/v3/cmd',
    settings: [`github.com/argoproj/argo-cd/v3/common.version=${VERSIONS.argoCd}`],
    seconds: 562,
  }),
  program({ name: 'kustomize', module: kustomize, path: 'sigs.k8s.io/kustomize/kustomize/v5', seconds: 21 }),
  program({
    name: 'workflow-controller',
    module: workflows,
    path: 'github.com/argoproj/argo-workflows/v4/cmd/workflow-controller',
    settings: workflowsVersion,
    seconds: 280,
  }),
  program({
    name: 'argoexec',
    module: workflowsExecutor,
    path: 'github.com/argoproj/argo-workflows/v4/cmd/argoexec',
    settings: workflowsVersion,
    seconds: 30,
  }),
  program({
    name: 'pulumi-language-yaml',
    module: pulumiYaml,
    path: 'github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml',
    seconds: 59,
  }),
  program({
    name: 'registry',
    module: distribution,
    path: 'github.com/distribution/distribution/v3/cmd/registry',
    seconds: 115,
  }),
  ...['buildkitd', 'buildctl'].map((name, position) =>
    program({
      name,
      module: buildkit,
      path: `github.com/moby/buildkit/cmd/${name}`,
      tags: buildkitTags,
      seconds: position === 0 ? 130 : 16,
    }),
  ),
  ofTekton('controller', 300),
  ofTekton('webhook', 10),
  // Every pod of a pipeline gets a copy of this one: with what upstream's own build tags leave out it is a quarter.
  ofTekton('entrypoint', 20, ['disable_spire', 'disable_tls']),
  ofTekton('nop', 1),
  ofTekton('workingdirinit', 1),
  ofTekton('sidecarlogresults', 4),
]

/** The text of a wrapper's go.mod. */
export function goModText(wrapper: GoModule): string {
  const lines = (verb: string, values: readonly string[]): string[] =>
    values.map((value) => `${verb} ${value}`)
  const all = [
    ...lines('require', wrapper.require),
    ...lines('replace', wrapper.replace),
    ...lines('exclude', wrapper.exclude),
  ]
  return `module bundle/${wrapper.name}\n\ngo ${wrapper.go}\n\n${all.join('\n')}\n`
}
