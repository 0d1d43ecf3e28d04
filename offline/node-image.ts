// Makes the node image: a Debian system with Kubernetes, and every image already unpacked outside /var.
import { chmod, glob, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { BuildError } from './build-error.ts'
import type { LayerSources } from './base-layers.ts'
import { packLayer, writeDockerArchive, type Image, type Layer } from './image-archive.ts'
import { placeFile } from './layer-contents.ts'
import { seedRegistry } from './registry-seed.ts'
import { ROOTFS_PATH, runCommand, runInRootfs } from './run-command.ts'

const CONTAINERD = 'var/lib/containerd'
const SNAPSHOTS = `${CONTAINERD}/io.containerd.snapshotter.v1.overlayfs/snapshots`
/** Where the unpacked images are kept in the node's own file system. */
const IMAGE_STORE = 'kind/image-store'

/** The folder that the registry component mounts. It is in /var, so each byte costs time when a node is made. */
const REGISTRY_FOLDER = 'var/lib/play/registry'

/** What making the node image needs besides its sources. */
export interface NodeImageOptions {
  readonly sources: LayerSources
  /** Folder of the files that make Debian a node. */
  readonly nodeFiles: string
  readonly kubernetesVersion: string
  readonly images: readonly Image[]
  /** Those of the images that the registry in the cluster has when it starts. */
  readonly seeded: readonly Image[]
  readonly reference: string
  /** An empty folder on a file system that is no overlay. */
  readonly scratch: string
  /** Where the docker archive goes. */
  readonly archive: string
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

const CNI_PLUGINS = ['ptp', 'host-local', 'portmap', 'loopback', 'bridge']

const MASKED_UNITS = [
  ...['systemd-binfmt.service', 'systemd-udevd.service', 'systemd-logind.service', 'getty.target'],
  ...[
    'console-getty.service',
    'systemd-resolved.service',
    'systemd-networkd.service',
    'systemd-timesyncd.service',
  ],
]

async function linkUnit(root: string, folder: string, name: string, target: string): Promise<void> {
  await mkdir(join(root, folder), { recursive: true })
  await rm(join(root, folder, name), { force: true })
  await symlink(target, join(root, folder, name))
}

// A container needs the journal and temporary files; everything else that Debian starts is for machines.
async function chooseUnits(root: string): Promise<void> {
  const units = 'etc/systemd/system'
  for await (const path of glob('{usr/lib,etc}/systemd/system/*.wants/*', { cwd: root }))
    if (!/journal|tmpfiles|dbus|sysctl/.test(basename(path))) await rm(join(root, path))
  for (const unit of MASKED_UNITS) await linkUnit(root, units, unit, '/dev/null')
  await linkUnit(root, units, 'default.target', '/lib/systemd/system/multi-user.target')
  for (const unit of [
    '/lib/systemd/system/containerd.service',
    `/${units}/kubelet.service`,
    `/${units}/pod-network.service`,
  ])
    await linkUnit(root, `${units}/multi-user.target.wants`, basename(unit), unit)
}

async function layOutNode(root: string, options: NodeImageOptions): Promise<void> {
  const { sources, signal } = options
  await runCommand('cp', ['--archive', `${sources.nodeRootfs}/.`, root], { signal })
  await runCommand('cp', ['--recursive', '--preserve=mode', `${options.nodeFiles}/.`, root], { signal })
  await runCommand(
    'chown',
    ['--recursive', '0:0', join(root, 'kind'), join(root, 'usr/local'), join(root, 'etc/systemd/system')],
    { signal },
  )
  for (const name of ['kubeadm', 'kubelet', 'kubectl'])
    await placeFile(root, { from: sources.program(name), to: `usr/bin/${name}` })
  await placeFile(root, { from: sources.program('pod-network'), to: 'usr/local/bin/pod-network' })
  for (const folder of ['opt/cni/bin', 'etc/cni/net.d', 'etc/containerd/certs.d', 'etc/kubernetes/manifests'])
    await mkdir(join(root, folder), { recursive: true })
  for (const name of CNI_PLUGINS)
    await rename(join(root, 'usr/lib/cni', name), join(root, 'opt/cni/bin', name))
  await rm(join(root, 'usr/lib/cni'), { recursive: true })
  await writeFile(join(root, 'kind/version'), options.kubernetesVersion)
  await chooseUnits(root)
  const spec = JSON.parse((await runInRootfs(root, ['ctr', 'oci', 'spec'], { signal })).join('\n')) as {
    process?: { rlimits?: unknown }
  }
  delete spec.process?.rlimits
  await writeFile(join(root, 'etc/containerd/cri-base.json'), JSON.stringify(spec))
}

// Runs inside the node's own system, in mount and process namespaces of its own, so that nothing outlives it.
const IMPORT_SCRIPT = String.raw`
set -eu
mount -t proc proc /proc
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /dev
for device in null zero random urandom; do touch /dev/$device; mount --bind "/.host-dev/$device" "/dev/$device"; done
containerd > /containerd.log 2>&1 &
containerd=$!
within() { deadline=$(($(date +%s) + $1)); shift; until "$@" > /dev/null 2>&1; do
  [ "$(date +%s)" -lt "$deadline" ] || { echo "gave up waiting for: $*" >&2; tail -n 30 /containerd.log >&2; exit 1; }; sleep 0.2; done; }
within 60 ctr version
ctr -n k8s.io images import --digests=false --snapshotter overlayfs /images.tar
# CRI names every image by its id as well, as soon as it has seen it.
all_known() { [ "$(ctr -n k8s.io images ls -q | grep -c '^sha256:')" -ge "$1" ]; }
within 60 all_known "$IMAGES"
for layer in $LAYERS; do ctr -n k8s.io content rm "sha256:$layer" > /dev/null; done
ctr -n k8s.io images ls -q
kill "$containerd"
wait "$containerd" || true
`

async function importImages(root: string, options: NodeImageOptions): Promise<void> {
  const { images, signal } = options
  await writeDockerArchive(images, join(root, 'images.tar'), join(options.scratch, 'import'), signal)
  await mkdir(join(root, '.host-dev'))
  const layers = [...new Set(images.flatMap((image) => image.layers.map((layer) => layer.digest)))]
  const env = {
    ...{ IMAGES: String(new Set(images.map((image) => image.reference)).size), LAYERS: layers.join(' ') },
    ...{ ROOT: root, PATH: ROOTFS_PATH },
  }
  const enter = 'mount --bind /dev "$ROOT/.host-dev" && exec chroot "$ROOT" /bin/sh -c "$0"'
  const namespaces = [
    '--mount',
    '--pid',
    '--net',
    '--ipc',
    '--fork',
    '--kill-child',
    '--propagation',
    'private',
  ]
  const lines = await runCommand('unshare', [...namespaces, 'sh', '-c', enter, IMPORT_SCRIPT], {
    signal,
    env,
  })
  const missing = images.filter((image) => !lines.includes(image.reference))
  if (missing.length > 0)
    throw new BuildError(
      `containerd did not take ${missing.map((image) => image.reference).join(', ')}`,
      [],
      lines,
    )
  for (const path of ['images.tar', 'containerd.log', '.host-dev'])
    await rm(join(root, path), { recursive: true })
}

// A whiteout or an opaque folder means something only to the overlay that made it; here it would be plain data.
async function refuseWhiteouts(folder: string, signal: AbortSignal): Promise<void> {
  const found = await runCommand('find', [folder, '-type', 'c', '-print', '-quit'], { signal })
  if (found.length > 0)
    throw new BuildError(`an image removes files of its base, which the node cannot carry: ${found[0] ?? ''}`)
}

/** Moves each unpacked layer out of /var, which kind copies into a volume for every node, and leaves a link behind. */
async function moveSnapshots(root: string, signal: AbortSignal): Promise<void> {
  await mkdir(join(root, IMAGE_STORE), { recursive: true })
  for (const name of await readdir(join(root, SNAPSHOTS))) {
    await refuseWhiteouts(join(root, SNAPSHOTS, name), signal)
    await rename(join(root, SNAPSHOTS, name), join(root, IMAGE_STORE, name))
    await symlink(`/${IMAGE_STORE}/${name}`, join(root, SNAPSHOTS, name))
  }
  for (const leftover of ['tmpmounts', 'io.containerd.content.v1.content/ingest'])
    await rm(join(root, CONTAINERD, leftover), { recursive: true, force: true })
}

// containerd removes what was deleted from its content store when it comes to it, which may be after its end.
async function removeLayerBlobs(root: string, images: readonly Image[]): Promise<void> {
  for (const layer of images.flatMap((image) => image.layers))
    await rm(join(root, CONTAINERD, 'io.containerd.content.v1.content/blobs/sha256', layer.digest), {
      force: true,
    })
}

const NODE_SETTINGS = {
  entrypoint: ['/usr/local/bin/entrypoint', '/sbin/init'],
  env: [`PATH=${ROOTFS_PATH}`, 'container=docker'],
  stopSignal: 'SIGRTMIN+3',
} as const

async function refuseOverlay(scratch: string, signal: AbortSignal): Promise<void> {
  const [type] = await runCommand('stat', ['--file-system', '--format=%T', scratch], { signal })
  if (type === 'overlayfs')
    throw new BuildError(`${scratch} is on an overlay file system, where containerd cannot unpack images`, [
      'point XDG_CACHE_HOME at a folder on a disk of its own',
    ])
}

/**
 * Writes the node image as a docker archive, with one layer.
 * @returns that layer. @throws BuildError naming what failed.
 */
export async function makeNodeImage(options: NodeImageOptions): Promise<Layer> {
  const { scratch, signal, progress } = options
  const root = join(scratch, 'root')
  await mkdir(root, { recursive: true })
  await chmod(root, 0o755)
  await refuseOverlay(scratch, signal)
  progress('laying out the system')
  await layOutNode(root, options)
  progress(`unpacking ${String(options.images.length)} images`)
  await importImages(root, options)
  await moveSnapshots(root, signal)
  await removeLayerBlobs(root, options.images)
  for (const image of options.seeded) await seedRegistry(join(root, REGISTRY_FOLDER), image, signal)
  progress('packing the node image')
  const layer = await packLayer(root, join(scratch, 'layer.tar'), signal)
  await mkdir(dirname(options.archive), { recursive: true })
  const image: Image = { reference: options.reference, settings: NODE_SETTINGS, layers: [layer] }
  await writeDockerArchive([image], options.archive, join(scratch, 'archive'), signal)
  if ((await lstat(options.archive)).size < layer.size)
    throw new BuildError('the node image was not written completely')
  return layer
}
