/** What the editor and `make lint` refuse: type-checked rules, sizes, and the layers of test/architecture/layers.json. */
import { builtinModules } from 'node:module'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'
import layers from './test/architecture/layers.json' with { type: 'json' }

const builtins = builtinModules
  .filter((name) => !name.startsWith('_') && !name.includes(':'))
  .map((name) => ({ name, message: `Write node:${name}.` }))
  .concat({ name: 'node:process', message: 'The rules below know the global `process` only.' })

const wholeOclif = {
  name: '@oclif/core',
  allowTypeImports: true,
  message: 'Import the part (@oclif/core/flags, …): the whole makes each start a tenth slower.',
}

const defaultExport = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Export by name; only oclif commands and tools need a default.',
}

/** Globals that only the two composition roots may read: everything below gets them as parameters. */
const composed = ['env', 'cwd', 'stdin', 'stdout', 'stderr'].map((property) => ({
  object: 'process',
  property,
  message: 'Take it as a parameter; src/cli/compose.ts and src/pulumi/provider/main.ts read it.',
}))

const exit = { object: 'process', property: 'exit', message: 'Throw a PlayError, or set process.exitCode.' }

/** A regular expression for relative imports of a room: all of it, less the modules in `except`. */
function importOf(room, except = []) {
  const spared = except.map((module) => `(?!${module}(?:\\.ts$|/))`).join('')
  return `^(?:\\.\\./)+(?:src/)?${room}/${spared}`
}

/** The part of the layer table that a single import can show; layers.test.ts checks all of it. */
function layerOf(name, { may, packages }) {
  const names = Object.keys(layers.rooms).filter((room) => room !== name && !may.includes(room))
  const patterns = names.map((room) => ({
    regex: importOf(
      room,
      may.filter((entry) => entry.startsWith(`${room}/`)).map((entry) => entry.slice(room.length + 1)),
    ),
    allowTypeImports: may.includes(`types:${room}`),
    message: `${name} may not import ${room} (test/architecture/layers.json).`,
  }))
  const foreign = layers.lazyPackages.filter((one) => !packages.includes(one))
  return {
    files: [name === 'commands' ? 'commands/**/*.ts' : `src/${name}/**/*.ts`],
    ignores: Object.keys(layers.exceptions),
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [...builtins, wholeOclif],
          patterns: [
            ...patterns,
            ...foreign.map((one) => ({
              regex: `^${one}(?:/|$)`,
              message: `${name} may not use ${one} (test/architecture/layers.json).`,
            })),
          ],
        },
      ],
    },
  }
}

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '.cache/', 'assets/', 'test/fixtures/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { paths: builtins }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': ['error', defaultExport],
      'no-restricted-properties': ['error', exit],
      'no-console': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 60],
      complexity: ['error', 10],
    },
  },
  {
    files: ['src/**/*.ts', 'commands/**/*.ts'],
    ignores: ['src/cli/compose.ts', 'src/pulumi/provider/main.ts'],
    rules: { 'no-restricted-properties': ['error', exit, ...composed] },
  },
  ...Object.entries(layers.rooms).map(([name, room]) => layerOf(name, room)),
  {
    files: ['commands/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off', 'max-lines': ['error', { max: 60, skipComments: true }] },
  },
  { files: ['**/*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['scripts/**/*.ts', 'offline/**/*.ts', 'bench/**/*.ts', 'test/e2e/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // A describe block is one function, and a story told in one place reads better than a short one.
    files: ['test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // What a person with an old Node runs must parse there.
    files: ['bin/*.js'],
    languageOptions: { ecmaVersion: 2020, sourceType: 'module' },
  },
)
