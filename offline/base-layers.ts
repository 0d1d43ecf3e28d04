// The layers that several images share: Debian, and busybox with the few files around it. Also what a layer and an image are.
import { appendFile, chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageSettings } from './image-archive.ts'
import {
  librariesOf,
  mergeUsr,
  placeFromRootfs,
  placeLinks,
  placeSurroundings,
  placeText,
} from './layer-contents.ts'
import { runCommand } from './run-command.ts'

/** What layers are filled from. */
export interface LayerSources {
  /** Path of a built program. */
  readonly program: (name: string) => string
  /** Path of a file that a Go module carries. */
  readonly moduleFile: (name: string) => string
  readonly nodeRootfs: string
  readonly componentRootfs: string
  readonly signal: AbortSignal
}

/** One layer: images that name the same one share it. */
export interface LayerContent {
  readonly name: string
  readonly fill: (folder: string, sources: LayerSources) => Promise<void>
}

/** One image of the node. */
export interface ComponentImage {
  readonly name: string
  readonly reference: string
  readonly version: string
  readonly description: string
  readonly source: string
  readonly settings: ImageSettings
  readonly layers: readonly LayerContent[]
}

/** The user that Argo CD's image documents. */
export const ARGOCD_USER = '999'

const GIT_LFS_FILTER =
  '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n'

/** Debian with the user and the folders that Argo CD's image documents; git, redis, nginx and BuildKit run in it too. */
export const DEBIAN: LayerContent = {
  name: 'debian',
  fill: async (root, sources) => {
    await runCommand('cp', ['--archive', `${sources.componentRootfs}/.`, root], { signal: sources.signal })
    await placeText(root, 'etc/gitconfig', GIT_LFS_FILTER)
    await appendFile(
      join(root, 'etc/passwd'),
      `argocd:x:${ARGOCD_USER}:${ARGOCD_USER}::/home/argocd:/bin/sh\n`,
    )
    await appendFile(join(root, 'etc/group'), `argocd:x:${ARGOCD_USER}:\n`)
    for (const folder of [
      'app/config/tls',
      'app/config/ssh',
      'app/config/gpg/source',
      'app/config/gpg/keys',
      'home/argocd',
      'etc/ssh',
    ])
      await mkdir(join(root, folder), { recursive: true })
    await placeText(root, 'app/config/ssh/ssh_known_hosts', '')
    await placeLinks(root, '/app/config/ssh/ssh_known_hosts', ['etc/ssh/ssh_known_hosts'])
    await chown(join(root, 'app/config/gpg/keys'), Number(ARGOCD_USER), 0)
    await chmod(join(root, 'app/config/gpg/keys'), 0o700)
    await chown(join(root, 'home/argocd'), Number(ARGOCD_USER), 0)
    await chmod(join(root, 'home/argocd'), 0o775)
  },
}

const BUSYBOX_COMMANDS = (
  'sh ash cat echo printf ls cp mv rm mkdir rmdir ln chmod chown sleep true false test env date seq head tail tr cut ' +
  'sort uniq wc grep sed awk fold tee find xargs basename dirname pwd id uname hostname ps kill wget nc nslookup ping ' +
  'tar gzip gunzip sha256sum md5sum base64 vi less touch stat df du mount umount ip httpd yes expr which stty dd'
).split(' ')

/** Fills `root` with a shell and the usual tools: /bin is a link to /usr/bin, and DNS and https work. */
export async function fillBusybox(root: string, { componentRootfs, signal }: LayerSources): Promise<void> {
  await mergeUsr(root)
  await placeSurroundings(root, componentRootfs)
  // A static busybox of Debian looks names up with shared libraries all the same, so this is the one that says so.
  const libraries = await librariesOf(componentRootfs, ['/usr/bin/busybox'], signal)
  const placed = ['/usr/bin/busybox', ...libraries.map((library) => library.replace(/^\/lib\//, '/usr/lib/'))]
  await placeFromRootfs(root, componentRootfs, placed, signal)
  await placeLinks(
    root,
    'busybox',
    BUSYBOX_COMMANDS.map((command) => `usr/bin/${command}`),
  )
  await mkdir(join(root, 'root'), { mode: 0o700 })
}
