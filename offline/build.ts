// Entry of the bundle builder: node offline/build.ts --profile core|full. See --help.
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEmitter, type Emit } from '../src/engine/events.ts'
import { createPlainRenderer } from '../src/ui/plain-renderer.ts'
import type { Renderer } from '../src/ui/renderer.ts'
import { buildBundle, toErrorData, type BuildSummary } from './build-bundle.ts'
import { buildFolders } from './build-folders.ts'
import { takeBuildLock } from './build-lock.ts'
import { parseBuildOptions, USAGE, type BuildOptions } from './build-options.ts'

const EXIT_INTERRUPTED = 130

/** One controller for the whole run: the first signal stops in order, a second one ends at once. */
function abortOnSignals(): AbortController {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) {
        // Without listeners the signal does what it does by itself: end the process.
        process.removeAllListeners(signal)
        process.kill(process.pid, signal)
      }
      // A listener that is removed by its first call would not do: execa's own exit hook would then end the process.
      controller.abort(new Error(`stopped by ${signal}`))
    })
  return controller
}

function result(options: BuildOptions, summary: BuildSummary): string {
  if (options.json) return `${JSON.stringify(summary, undefined, 2)}\n`
  const state = summary.complete
    ? 'complete'
    : `without ${summary.missing.join(', ')}: the time budget is used up`
  return `The ${summary.profile} bundle is ${state}: ${summary.path}\n`
}

async function run(options: BuildOptions, emit: Emit, controller: AbortController): Promise<void> {
  const folders = buildFolders(process.env)
  const release = await takeBuildLock(folders.lock)
  try {
    const kit = dirname(fileURLToPath(import.meta.url))
    const started = Date.now()
    const summary = await buildBundle({
      options,
      folders,
      kit,
      env: process.env,
      signal: controller.signal,
      emit,
    })
    emit({ type: 'run.succeeded', durationMs: Date.now() - started, result: summary })
    process.stdout.write(result(options, summary))
  } finally {
    await release()
  }
}

function createRenderer(): Renderer {
  return createPlainRenderer({
    write: (text) => process.stderr.write(text),
    color: process.stderr.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  })
}

async function main(): Promise<void> {
  const controller = abortOnSignals()
  const renderer = createRenderer()
  const emit = createEmitter({ run: randomUUID(), subject: 'bundle', now: Date.now, sink: renderer.onEvent })
  try {
    const options = parseBuildOptions(process.argv.slice(2))
    if (options.help) process.stdout.write(USAGE)
    else await run(options, emit, controller)
  } catch (error) {
    const cancelled = controller.signal.aborted
    if (cancelled)
      emit({
        type: 'run.cancelled',
        durationMs: 0,
        resume: ['Run the same command again: what is finished is kept.'],
      })
    else emit({ type: 'run.failed', durationMs: 0, error: toErrorData(error) })
    process.exitCode = cancelled ? EXIT_INTERRUPTED : 1
  } finally {
    await renderer.close()
  }
}

await main()
