/** Reads all sources and prints what is wrong with them as file:line; ends with 1 if anything is. */
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'

interface Rule {
  readonly problem: string
  readonly pattern: RegExp
  /** Where it holds; everywhere if left out. */
  readonly files?: RegExp
}

const rules: readonly Rule[] = [
  { problem: 'a tab: indent with two spaces', pattern: /\t/ },
  { problem: 'spaces at the end of the line', pattern: / $/ },
  { problem: '"any" hides mistakes: name the type', pattern: /(?:[:<(,|]\s*|\bas )any\b/ },
  { problem: 'only main.ts writes to the console', pattern: /\bconsole\./, files: /^src\/(?!main\.ts$)/ },
]

function problemsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const found = rules
    .filter(({ files }) => files === undefined || files.test(file))
    .flatMap(({ problem, pattern }) =>
      lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${String(index + 1)}: ${problem}`] : [])),
    )
  return [...found, ...syntaxProblem(file, text)]
}

/** The first thing that is no TypeScript, or that Node cannot run by leaving types out. */
function syntaxProblem(file: string, text: string): string[] {
  try {
    stripTypeScriptTypes(text, { sourceUrl: file })
    return []
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // Only the first line of the stack says where.
    const [place = file] = error.stack?.split('\n') ?? []
    return [`${place}: ${error.message}`]
  }
}

const files = globSync('{src,test,scripts}/**/*.ts').sort()
const problems = files.flatMap(problemsOf)
for (const problem of problems) console.error(problem)
console.log(`${String(files.length)} files, ${String(problems.length)} problems`)
if (problems.length > 0) process.exitCode = 1
