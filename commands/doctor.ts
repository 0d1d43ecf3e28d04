/** play doctor: is everything there, and how does it get there. */
import * as Flags from '@oclif/core/flags'
import { yesFlag } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { doctorLines } from '../src/cli/views.ts'
import { runDoctorVerb } from '../src/workflows/run-doctor.ts'

export default class DoctorCommand extends PlayCommand {
  static override summary = 'Check that this machine has what play needs; --fix sets up what is missing.'
  static override description =
    'Prints a row for each prerequisite: what was found, what is needed and how to get it. Exit code 3 when something is missing.\n\nOn Debian and Ubuntu as root, --fix installs podman and writes settings for it that only play uses; no file in /etc is changed. Elsewhere the table says what to do.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --fix --yes']
  static override flags = {
    fix: Flags.boolean({ summary: 'Set up what is missing; asks first.' }),
    yes: yesFlag,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(DoctorCommand)
    await this.answer(flags, async (app) => {
      const session = app.session('doctor', 'play doctor --fix')
      const { checks, error } = await runDoctorVerb({ fix: flags.fix }, app.doctor, app.prompter, session)
      return {
        result: { checks },
        lines: await doctorLines(checks, app),
        errors: error === undefined ? [] : [error],
      }
    })
  }
}
