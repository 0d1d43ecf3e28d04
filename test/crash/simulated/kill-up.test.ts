/** Kills in `up`. */
import { killSuite } from './kill-suite.ts'
import { stories } from './stories.ts'

killSuite(stories.up, ['cli', 'plug-in', 'engine'], [1, 4, 26, 53])
