/** The way to speak, made for one command: renderers, styles, questions. */
import type { ErrorData } from '../engine/events.ts'
import type { Prompter } from '../domain/ports.ts'
import type { Renderer } from '../ui/renderer.ts'
import type { OutputMode } from './output-mode.ts'

/** How results look on stdout. */
export interface View {
  readonly color: boolean
  readonly unicode: boolean
  /** Absent where nobody's terminal limits it: then nothing is cut. */
  readonly width?: number
}

/** How one run is shown, where that differs from the usual. */
export interface SessionOptions {
  /** Tells each line that watched tasks write; on a terminal the story is then told as lines, not as a picture. */
  readonly logs?: boolean
  /** Further listeners: each gets every event and is closed with the session. */
  readonly sinks?: readonly Renderer[]
}

/** Everything that draws. */
export interface Screen {
  readonly view: View
  readonly newRenderer: (options?: Pick<SessionOptions, 'logs'>) => Renderer
  readonly prompter: Prompter
  readonly describeError: (error: ErrorData) => Promise<readonly string[]>
}

/** The process's streams and what is known of them. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  readonly platform: string
  readonly yes: boolean
}

/** Opens the screen. Nothing that draws is loaded before it is needed. */
export async function openScreen(mode: OutputMode, streams: Streams): Promise<Screen> {
  const { stdin, stdout, stderr, env, platform } = streams
  const { wantsColor, wantsUnicode, createTheme } = await import('../ui/theme.ts')
  const unicode = wantsUnicode({ isTTY: stderr.isTTY, env, platform })
  const color = wantsColor({ isTTY: stderr.isTTY, env, platform })
  const makeRenderer = await rendererMaker(mode, { stderr, stdout, color, unicode })
  return {
    view: {
      color: wantsColor({ isTTY: stdout.isTTY, env, platform }),
      unicode,
      ...(stdout.columns > 0 ? { width: stdout.columns } : {}),
    },
    newRenderer: makeRenderer,
    prompter: {
      async confirm(question) {
        const { createPrompter } = await import('../ui/prompter.ts')
        const interactive = stdin.isTTY && stderr.isTTY && mode !== 'json' && mode !== 'ndjson'
        return createPrompter({ input: stdin, output: stderr, interactive, yes: streams.yes }).confirm(
          question,
        )
      },
    },
    async describeError(error) {
      const { errorLines } = await import('../ui/error-view.ts')
      return errorLines(error, createTheme({ color, unicode }))
    },
  }
}

interface Look {
  readonly stderr: NodeJS.WriteStream
  readonly stdout: NodeJS.WriteStream
  readonly color: boolean
  readonly unicode: boolean
}

async function rendererMaker(
  mode: OutputMode,
  { stderr, stdout, color, unicode }: Look,
): Promise<Screen['newRenderer']> {
  const plainMaker = async (): Promise<Screen['newRenderer']> => {
    const { createPlainRenderer } = await import('../ui/plain-renderer.ts')
    const write = (text: string): unknown => stderr.write(text)
    return ({ logs = false } = {}) => createPlainRenderer({ write, color, unicode, logs })
  }
  switch (mode) {
    case 'tty': {
      const [{ createListrRenderer }, plain] = await Promise.all([
        import('../ui/listr-renderer.ts'),
        plainMaker(),
      ])
      return ({ logs = false } = {}) =>
        logs ? plain({ logs }) : createListrRenderer({ stream: stderr, color, unicode })
    }
    case 'plain':
      return plainMaker()
    case 'ndjson': {
      const { createNdjsonRenderer } = await import('../ui/ndjson-renderer.ts')
      return () => createNdjsonRenderer({ write: (text) => stdout.write(text) })
    }
    case 'json': {
      const { createWarningRenderer } = await import('../ui/warning-renderer.ts')
      return () => createWarningRenderer({ write: (text) => stderr.write(text) })
    }
  }
}
