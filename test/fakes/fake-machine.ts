/** A Machine in memory: files and folders that a test sets and looks at. */
import type { Machine } from '../../src/domain/machine.ts'

/** A Debian machine as root on the newer control groups, which permits everything, unless a test says otherwise. */
export class FakeMachine implements Machine {
  platform = 'linux'
  isRoot = true
  memoryBytes = 16 * 1024 ** 3
  free = 100 * 1024 ** 3
  writable = true
  /** Thrown by every question, when set. */
  failWith: Error | undefined
  readonly folders = new Set(['/lib/modules'])
  readonly modes = new Map<string, number>()
  readonly files = new Map<string, string>([
    ['/etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'],
    ['/sys/fs/cgroup/cgroup.controllers', 'cpu memory pids\n'],
    ['/proc/self/status', 'Name:\tnode\nCapEff:\t000001ffffffffff\n'],
    ['/proc/self/limits', limits('1048576', 'unlimited')],
    ['/proc/sys/fs/inotify/max_user_watches', '524288\n'],
    ['/proc/sys/fs/inotify/max_user_instances', '512\n'],
  ])

  freeBytes(): Promise<number> {
    return this.answer(this.free)
  }

  isWritable(): Promise<boolean> {
    return this.answer(this.writable)
  }

  readText(path: string): Promise<string | undefined> {
    return this.answer(this.files.get(path))
  }

  isFolder(path: string): Promise<boolean> {
    return this.answer(this.folders.has(path))
  }

  makeFolder(path: string): Promise<void> {
    this.folders.add(path)
    return Promise.resolve()
  }

  writeText(path: string, text: string, mode: number): Promise<void> {
    this.files.set(path, text)
    this.modes.set(path, mode)
    return Promise.resolve()
  }

  private answer<T>(value: T): Promise<T> {
    return this.failWith === undefined ? Promise.resolve(value) : Promise.reject(this.failWith)
  }
}

/** /proc/self/limits with these hard limits of open files and processes. */
export function limits(files: string, processes: string): string {
  return [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    `Max open files            1024                 ${files}              files     `,
    `Max processes             1024                 ${processes}          processes `,
  ].join('\n')
}
