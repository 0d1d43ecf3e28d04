/** Kills in `up` with everything that is there by default. */
import { killSuite } from './kill-suite.ts'
import { stories } from './stories.ts'

killSuite(stories.platform, ['cli', 'plug-in', 'engine'], [1, 26, 53], 25)
