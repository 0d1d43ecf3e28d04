// The files that are taken from Go modules as they are, each with the sha256 of its upstream release.
import { VERSIONS } from './go-modules.ts'

/** A file of a Go module. */
export interface PinnedFile {
  /** Path inside the module. */
  readonly path: string
  /** Lower-case hex. */
  readonly sha256: string
}

/** Files of one module, path@version. */
export interface PinnedFiles {
  readonly module: string
  readonly files: readonly PinnedFile[]
}

const pinned = (folder: string, lines: readonly string[]): PinnedFile[] =>
  lines.map((line) => {
    const [sha256 = '', path = ''] = line.split(/\s+/)
    return { sha256, path: `${folder}${path}` }
  })

/** Argo CD without its web server: what core-install.yaml of the release holds. */
export const ARGO_CD_CORE: PinnedFiles = {
  module: `github.com/argoproj/argo-cd/v3@${VERSIONS.argoCdManifests}`,
  files: pinned('manifests/', [
    'cb6bbcc84e1ab601f43364afd401fb0a7831536d07da74393c9edb1196f80500 core-install.yaml',
  ]),
}

/** All of Argo CD: install.yaml of the release. */
export const ARGO_CD_FULL: PinnedFiles = {
  module: ARGO_CD_CORE.module,
  files: pinned('manifests/', [
    '795a3a972224da6a7f9d32c3e946445f062b60fb46028476715affeb688236e3 install.yaml',
  ]),
}

/** Argo Workflows without its web server, whose page is not in the module. */
export const ARGO_WORKFLOWS: PinnedFiles = {
  module: `github.com/argoproj/argo-workflows/v4@${VERSIONS.argoWorkflows}`,
  files: [
    ...pinned('manifests/base/crds/minimal/argoproj.io_', [
      '71b0cd5251bc7ae49e21887fb65530a90b7450bb7af041b9c17b92af8e32041d clusterworkflowtemplates.yaml',
      'b6cb5e7bd172514be90812feb33ebc1942ea74e7b2472e1e8992f5ad48de4f8d cronworkflows.yaml',
      'ba523a9b4df1f872b529cde06b73f6cd4ab0b977581fc0f29d588939508ac7a6 workflowartifactgctasks.yaml',
      '11f0050744751fd6524d33d4f5cdcdff5b93856f8d9b5a8b9c74996f935ff767 workfloweventbindings.yaml',
      '358d5f18eefbef7fca670b13ab0948cfd35deee6a1d0ed62260f5abf810bc3bb workflows.yaml',
      'b974ea400b7f06e16e3d71c117630fd6a115c0e426458ef750dc6b45bb5c9663 workflowtaskresults.yaml',
      '1b75796df622b8a8d5c3cfd73acaaac6049ca80a5d7cb6c40487296e75db1a70 workflowtasksets.yaml',
      '8bbb80d961a262760e229af37fba7895a1e95289449981e28467738c0f06ba26 workflowtemplates.yaml',
    ]),
    ...pinned('manifests/base/workflow-controller/workflow-controller-', [
      '838249e13c411c6a1aea5993388bd87bb70fc5db3994afbea04c4ee12fc5d6fa configmap.yaml',
      '851257565170f2f0f3e0140dfe45bbd546e83b4ae95a5dad6751d2cf6c099ee7 deployment.yaml',
      'c4050d6b68d489c6276d197f6a685b1f278a021f5a758534902a74a31dad0eb3 priorityclass.yaml',
      '668ebbd6c43889547668a8a0790e55f01507b47e3d262ccf1d63a7d945d6ab02 sa.yaml',
    ]),
    ...pinned('manifests/cluster-install-no-crds/workflow-controller-rbac/workflow-', [
      '5c104f2d89fe5a45ec11c53ea0bfe9b4f865747ceff693624b5cfe23bb78aad7 aggregate-roles.yaml',
      '36a98c2a59f32cc0b5d7790a1d50415a9d98dd5bcb0f6f0a40b9acb8ee38db23 controller-clusterrole.yaml',
      '44fdea7ba86a812a205dc1284065f215148f0450caa7df645adde3feb2cfa8cb controller-clusterrolebinding.yaml',
      '9efec7ab5ae4d412113f4aef8fe30cc07cba0d111bbe4edc960683808589f396 controller-role.yaml',
      '386fc2c7f7502448099dc631e9a83e233fb4c7d5e780dfc7d742ad88b64486f6 controller-rolebinding.yaml',
    ]),
  ],
}

/** Scripts of Argo CD's image, which its repo-server calls. */
export const ARGO_CD_SCRIPTS: PinnedFiles = {
  module: `github.com/argoproj/argo-cd/v3@${VERSIONS.argoCd}`,
  files: pinned('', [
    '91038a0aa205a15da13953073519d8ac2fec753ef5be62f5a0ff97781e9f566d entrypoint.sh',
    '06f3503b80ff2c9753c599fe4afdd21e36d1cec7b95244186fc06c2bd96d7180 hack/gpg-wrapper.sh',
    'e5271467f0d070e24ef690318206eb6a3d23ec002c9fd17d1c5cb2a52792001e hack/git-verify-wrapper.sh',
  ]),
}

/** Keys of the public git hosts, as the images of Argo Workflows carry them. */
export const ARGO_WORKFLOWS_FILES: PinnedFiles = {
  module: ARGO_WORKFLOWS.module,
  files: pinned('hack/', [
    '63f0c2634ee7db4a6e55049b98507bac33a90825780bf70337383161028939a1 ssh_known_hosts',
  ]),
}
