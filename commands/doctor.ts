/** play doctor: is everything there, and how does it get there. */
import * as Flags from '@oclif/core/flags'
import { yesFlag } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { doctorLines } from '../src/cli/views.ts'
import { runDoctorVerb } from '../src/workflows/run-doctor.ts'

export default class DoctorCommand extends PlayCommand {
  static override summary = 'Look whether everything is there that play needs, and mend it with --fix.'
  static override description =
    'Exit code 3 when something is missing. On Debian and Ubuntu as root, --fix installs podman and gives it settings of its own; /etc stays as it is.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --fix --yes']
  static override flags = {
    fix: Flags.boolean({ summary: 'Mend what can be mended; asks first.' }),
    yes: yesFlag,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(DoctorCommand)
    await this.answer(flags, async (app) => {
      const session = app.session('doctor', 'play doctor --fix')
      const { checks, error } = await runDoctorVerb({ fix: flags.fix }, app.doctor, app.prompter, session)
      return { result: { checks }, lines: await doctorLines(checks, app), ...(error === undefined ? {} : { error }) }
    })
  }
}
