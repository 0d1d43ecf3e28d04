/** Kills in `up` of two nodes on docker. */
import { killSuite } from './kill-suite.ts'
import { stories } from './stories.ts'

killSuite(stories['up-two'], ['cli', 'plug-in', 'engine'], [1, 26, 53])
