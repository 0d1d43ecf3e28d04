/** Kills in `component add`. */
import { killSuite } from './kill-suite.ts'
import { stories } from './stories.ts'

killSuite(stories.component, ['cli'], [1, 4, 26])
