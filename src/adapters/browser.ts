/** The Browser port: what each system has for showing an address, where somebody sits who would see it. */
import type { Browser, ProcessRunner } from '../domain/ports.ts'

/** Facts that decide whether there is a browser, and which way leads to it. */
export interface BrowserSettings {
  readonly processes: ProcessRunner
  readonly env: Readonly<Record<string, string | undefined>>
  /** As Node names it. */
  readonly platform: string
  /** A person reads what play prints. */
  readonly isTerminal: boolean
}

/** xdg-open may itself become the browser, which then must not end with play: the shell lets go of it. */
const openOnLinux = `
for each in xdg-open wslview; do
  if command -v "$each" >/dev/null 2>&1; then
    "$each" "$1" </dev/null >/dev/null 2>&1 &
    exit 0
  fi
done
exit 1`

/** Makes the port. Nothing is started before it is asked to open something. */
export function createBrowser(settings: BrowserSettings): Browser {
  const { processes, env, platform } = settings
  return {
    async open(url, signal) {
      if (!hasViewer(settings)) return false
      const [file, ...args] = commandFor(platform, url)
      // A person's own program, which is to look as if they had started it.
      const all = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const options = { signal, env: Object.fromEntries(all), timeoutMs: 10_000 }
      return processes.run(file, args, options).then(
        ({ exitCode }) => exitCode === 0,
        () => false,
      )
    },
  }
}

/** False in pipes and in CI, and where no screen is at hand: there a text browser would take over the terminal. */
function hasViewer({ env, platform, isTerminal }: BrowserSettings): boolean {
  const has = (name: string): boolean => (env[name] ?? '') !== ''
  if (!isTerminal || (has('CI') && env['CI'] !== 'false')) return false
  if (has('DISPLAY') || has('WAYLAND_DISPLAY')) return true
  if (has('SSH_CONNECTION') || has('SSH_TTY')) return false
  return platform !== 'linux' || has('WSL_DISTRO_NAME')
}

function commandFor(platform: string, url: string): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open', url]
  // `start` belongs to a shell, which would take parts of the address for its own.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  return ['sh', '-c', openOnLinux, 'sh', url]
}
