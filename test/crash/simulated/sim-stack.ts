/** Pulumi's engine, the plug-in and kind on the simulated machine: processes of their own, which may die alone or live on. */
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { PlayError } from '../../../src/domain/errors.ts'
import type { StackResource, StackRunner, StackRunOptions } from '../../../src/domain/ports.ts'
import type { KindClusterInputs } from '../../../src/pulumi/provider/resources.ts'
import { registeredCluster } from '../../fakes/registered-cluster.ts'
import { realFiles } from './file-points.ts'
import { KindWork, type Undo } from './kind-work.ts'
import type { SimMachine } from './sim-machine.ts'
import type { SimulatedRun } from './simulated-run.ts'

/** Who dies. */
export type Actor = 'cli' | 'plug-in' | 'engine'

/** What the stack does when its CLI dies: it goes on for a while, or it is stopped along with it. */
export type Aftermath = 'goes on' | 'stops'

interface StackFile {
  readonly resources: readonly StackResource[]
  readonly pending: readonly string[]
  /** Told by the passphrase that the stack was made with. */
  readonly salt: string
}

const type = 'play:index:KindCluster'

/** The StackRunner of one run. */
export class SimStack implements StackRunner {
  private readonly machine: SimMachine
  private readonly run: SimulatedRun
  private readonly name: string
  private readonly folder: string

  constructor(machine: SimMachine, run: SimulatedRun, name: string, folder: string) {
    this.machine = machine
    this.run = run
    this.name = name
    this.folder = folder
  }

  load(): Promise<void> {
    return Promise.resolve()
  }

  async up(...[program, options]: Parameters<StackRunner['up']>): Promise<void> {
    const inputs = await registeredCluster(program)
    options.signal.throwIfAborted()
    const state = this.open('up')
    const alive = state.resources.filter(
      ({ id }) => !options.refresh || this.machine.engine.nodesOf(id ?? '').length > 0,
    )
    if (alive.some(({ id }) => id === inputs.name)) return
    const salt = state.salt
    this.write({ resources: alive, pending: [inputs.name], salt })
    options.report.progress('Preparing nodes')
    await this.atWork('up', options.signal, (work) => work.create(inputs), {
      undone: { resources: alive, pending: [], salt },
      done: { resources: [...alive, resourceOf(inputs)], pending: [], salt },
    })
  }

  async destroy({ signal }: StackRunOptions): Promise<void> {
    const state = this.open('destroy')
    const names = state.resources.map(({ id }) => id ?? '')
    const work = async (kind: KindWork): Promise<void> => {
      for (const name of names) await kind.destroy(name)
    }
    await this.atWork('destroy', signal, work, { undone: state, done: undefined })
  }

  resources(): Promise<readonly StackResource[] | undefined> {
    return Promise.resolve().then(() => this.read()?.resources)
  }

  leftUnfinished(): Promise<boolean> {
    return Promise.resolve().then(() => {
      const state = this.read()
      const made = state?.resources.map(({ id }) => id) ?? []
      return state?.pending.some((name) => !made.includes(name)) === true
    })
  }

  private get path(): string {
    return join(this.folder, 'pulumi', 'backend', '.pulumi', 'stacks', 'play', `${this.name}.json`)
  }

  /** One run of the engine with its plug-in; resolves or rejects as the call that started them does. */
  private async atWork(
    verb: string,
    signal: AbortSignal,
    work: (kind: KindWork) => Promise<void>,
    ends: { readonly undone: StackFile; readonly done: StackFile | undefined },
  ): Promise<void> {
    const kind = new KindWork(this.machine, this.run)
    this.machine.stacks.add(kind)
    const failed = (reason: string): PlayError =>
      PlayError.of('STACK_FAILED', { verb, reason, name: this.name })
    const common = {
      folder: this.folder,
      interrupt: () => {
        kind.stop('in order')
      },
    }
    const ended = [
      this.machine.start({
        ...common,
        command: `pulumi ${verb}`,
        kill: () => {
          kind.stop('engine')
        },
      }),
      this.machine.start({
        ...common,
        command: 'pulumi-resource-play',
        kill: () => {
          kind.stop('plug-in')
        },
      }),
      this.machine.start({
        ...common,
        command: 'kind',
        kill: () => {
          kind.stop('plug-in')
        },
      }),
    ]
    const interrupt = (): void => {
      kind.stop('in order')
    }
    signal.addEventListener('abort', interrupt)
    const story = kind
      .finish(() => work(kind))
      .then((end: Undo | undefined) => {
        // A killed engine writes nothing more; any other end is written down.
        if (end !== 'engine') this.write(end === undefined ? ends.done : ends.undone)
        return end
      })
    story.catch(() => undefined)
    const cleared = story.finally(() => {
      for (const end of ended) end()
      signal.removeEventListener('abort', interrupt)
      this.machine.stacks.delete(kind)
    })
    cleared.catch(() => undefined)
    const end = await Promise.race([cleared, kind.engineDied.then(() => 'engine' as const)])
    signal.throwIfAborted()
    if (end !== undefined) throw failed(end === 'engine' ? 'the engine was killed' : 'the plug-in is gone')
  }

  private open(verb: string): StackFile {
    const passphrase = join(this.folder, 'pulumi', 'passphrase')
    if (!realFiles.existsSync(passphrase)) {
      realFiles.mkdirSync(dirname(passphrase), { recursive: true, mode: 0o700 })
      realFiles.writeFileSync(passphrase, `secret-${String(this.machine.next())}`, { mode: 0o600 })
    }
    const salt = createHash('sha256').update(realFiles.readFileSync(passphrase)).digest('hex')
    const state = this.read() ?? { resources: [], pending: [], salt }
    if (state.salt !== salt)
      throw PlayError.of('STACK_FAILED', { verb, reason: 'incorrect passphrase', name: this.name })
    return state
  }

  private read(): StackFile | undefined {
    if (!realFiles.existsSync(this.path)) return undefined
    try {
      return JSON.parse(realFiles.readFileSync(this.path, 'utf8')) as StackFile
    } catch (cause) {
      const params = { verb: 'read the state of', reason: 'its state file is damaged', name: this.name }
      throw PlayError.of('STACK_FAILED', params, { cause })
    }
  }

  /** The backend makes whatever folder is missing, also one that somebody has just removed. */
  private write(state: StackFile | undefined): void {
    if (state === undefined) {
      realFiles.rmSync(this.path, { force: true })
      return
    }
    realFiles.mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
    realFiles.writeFileSync(this.path, JSON.stringify(state), { mode: 0o600 })
  }
}

function resourceOf({ name }: KindClusterInputs): StackResource {
  return { urn: `urn:pulumi:x::play::${type}::cluster`, type, id: name }
}
