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

/** Tekton Pipelines: its definitions, and what its controller and webhook need. The namespace is left to whoever applies it. */
export const TEKTON: PinnedFiles = {
  module: `github.com/tektoncd/pipeline@${VERSIONS.tekton}`,
  files: [
    ...pinned('config/300-crds/300-', [
      '3d72dbef5a711344e445a20ac6ae222487126239ee9cbbebbe5d0d6cff3d7ea6 customrun.yaml',
      '99721f39dbce9a12ae46f5535053c094f7412926018e8b2580f9638b95025996 pipeline.yaml',
      '9b03b382bdb70e174ab158f4703196f5b76817758cd1d5dca78371a5a3d08e1a pipelinerun.yaml',
      'e05e5b5cb3d0773ebc80cce962fa1c773b22a4491954cd98d68142f5783f1348 resolutionrequest.yaml',
      'cdd4b60e78841ca95f8c913cd0096cb3137011c9f75c28276a6bb85f086090e2 stepaction.yaml',
      '4df19b7abe52c55f5b003db676a847b5e190b4f6c7fd09e81114268661c2f60c task.yaml',
      '8a6ba3c2a0e4e41ed0c8775fa0aad2bcbba9bba7943b974d550c4b1ba99abdfb taskrun.yaml',
      'c985b23f68318029d438025d255d84564d59bb884be112c6a84d278f43040bfb verificationpolicy.yaml',
    ]),
    ...pinned('config/', [
      'b1cc69aafb356d7e10f9b7f543b77f25a8a7d47f419b0d8d5c10292e3bd2ac2e 200-clusterrole.yaml',
      'd8732ffc6c02eabb895718d4482e44859659e05eb724d6ce08eeb218e484af1c 200-role.yaml',
      '21a2118e54cfd9a3c2d6c90b4051fcbaca4e3f33bf86ab9044c1c9c78cf21b85 200-serviceaccount.yaml',
      'a3d5aca8d1282fec437495a346211d69f7535be119535f397a69efd61b9a53ee 201-clusterrolebinding.yaml',
      'ed63e25e5e036cc2ed0d10e81059b6ddeebfdfdb01937fb484f38a943b358235 201-rolebinding.yaml',
      '8ac31481d64ac60c7a51be1fd247837b39beee8bc84e53eacd5d143d5fae8a3b clusterrole-aggregate-edit.yaml',
      '82053014e33f66432a0a988027ade508a9ac3349cd4d50fbe2bfac443e542fb1 clusterrole-aggregate-view.yaml',
      '33b20eb6464db41080cb8a64a292497c4dccf87577f3132bc94f41cb35d69601 config-defaults.yaml',
      'bebf8aea587cc2492aaccd38ef660e42fa48fcdff42e3236c1c470be5d34049a config-events.yaml',
      'c781946f0c8d38d14f8d46b6e55a4b25f320739545ad2298344e8ed1a5ba1d93 config-feature-flags.yaml',
      '4d4475a15cc2d9266cf1bfb3b8dfd2f8aa76d0a465a6b11321f6e081b7575b73 config-info.yaml',
      '76536cae449350cd7a513dbb2fa85d82957f8b630da973609ecd486abaa92a1e config-leader-election-controller.yaml',
      'e62466d28fc278de2d4dc3a819bf8479565e021eb6c92aff65eff8a80c348530 config-leader-election-webhook.yaml',
      '83a7a1414247c4114fcafdbd456e2228c69c56b2dea197de5e9de0fa074f5eb2 config-logging.yaml',
      '37733f98761d69a9bfa55641092c02a90dd2a1f6672f98e91f60a6110e2a62f3 config-observability.yaml',
      'b1f1523054e95a62b1b7747c3c95f03c42d353dbc936adef76eae16c6f16fa61 config-registry-cert.yaml',
      '6e9f799b196af16aa794afa57e8d3f5eab12c0125d50dd3dbe06085afdfcb96e config-spire.yaml',
      '6c815e399ba46c2824ea8630a045e988e0245ed599f766e1f371251ab1b2f127 config-tracing.yaml',
      'e11ae815a9591503d615105d9dc8a856c4454b532cdd731ea70599b0918a59b8 500-webhooks.yaml',
      '845d5cb22dd528bf0a8570edf452f44a80b91db09d7e1544f68b9a6060466248 controller.yaml',
      '11c2b33d70300578c66fdd89010552852c89141d216969ead31ede4ed6c58990 webhook.yaml',
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
