/** For `make up`: makes sure that play finds its tools and images, building a bundle only where nothing else will do. */
import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findBundle } from '../src/artifacts/bundle.ts'
import { loadPins, platformOf, type Platform } from '../src/artifacts/pins.ts'
import { userFolders } from '../src/cli/folders.ts'

const root = join(import.meta.dirname, '..')
const platform = platformOf(process.platform, process.arch) as Platform

/** True when a bundle is there and its index can be read; a damaged one is rebuilt like a missing one. */
async function hasBundle(): Promise<boolean> {
  const named = process.env['PLAY_BUNDLE']
  const places = { cacheDir: userFolders(process.env, homedir()).cache, platform }
  try {
    return (await findBundle(named === undefined ? places : { ...places, named })) !== undefined
  } catch (error) {
    if (named !== undefined) throw error
    return false
  }
}

/** True when the host of every pinned tool answers within a few seconds. */
async function canDownload(): Promise<boolean> {
  const pins = await loadPins(join(root, 'assets/versions.json'))
  const urls = Object.values(pins.tools).flatMap((tool) => tool.downloads[platform]?.url ?? [])
  const answers = await Promise.all(
    urls.map((url) =>
      fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(5000) }).then(
        ({ status }) => status < 400,
        () => false,
      ),
    ),
  )
  return answers.length > 0 && answers.every(Boolean)
}

function buildBundle(): number {
  console.error(
    'No bundle, and no way to the internet: building one from package registries, about 40 minutes, once.',
  )
  const child = spawnSync(process.execPath, [join(root, 'offline/build.ts'), '--profile', 'core'], {
    stdio: 'inherit',
  })
  return child.status ?? 1
}

const wanted = process.env['PLAY_BUNDLE_BUILD'] === '1'
if (wanted || (!(await hasBundle()) && !(await canDownload()))) process.exitCode = buildBundle()
