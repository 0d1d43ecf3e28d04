/** Kills in `demo hello`. */
import { killSuite } from './kill-suite.ts'
import { stories } from './stories.ts'

killSuite(stories.demo, ['cli'], [1, 26])
