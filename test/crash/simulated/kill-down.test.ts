/** Kills in `down`. */
import { killSuite } from './kill-suite.ts'
import { stories } from './stories.ts'

killSuite(stories.down, ['cli', 'plug-in', 'engine'], [2, 4, 26, 53])
