/** A reporter that keeps what it is told. */
import type { WatchedTask } from '../../src/engine/events.ts'
import type { Reporter } from '../../src/engine/step.ts'

export class RecordingReporter implements Reporter {
  readonly progressed: { readonly text: string; readonly fraction: number | undefined }[] = []
  readonly logged: string[] = []
  readonly tasks: WatchedTask[] = []
  readonly outputs: { readonly task: string; readonly line: string }[] = []
  readonly warned: { readonly id: string; readonly text: string }[] = []

  progress(text: string, fraction?: number): void {
    this.progressed.push({ text, fraction })
  }

  log(line: string): void {
    this.logged.push(line)
  }

  task(task: WatchedTask): void {
    this.tasks.push(task)
  }

  output(task: string, line: string): void {
    this.outputs.push({ task, line })
  }

  warn(id: string, text: string): void {
    this.warned.push({ id, text })
  }
}
