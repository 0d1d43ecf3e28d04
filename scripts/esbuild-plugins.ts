/** What is special about bundling play: which packages wait in files of their own, and what is left out. */
import { isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

/** Packages that only some commands need, by the file they share; packages of one file share their state too. */
const vendorFiles: Readonly<Record<string, string>> = {
  '@grpc/grpc-js': 'pulumi',
  '@pulumi/pulumi': 'pulumi',
  ajv: 'ajv',
  execa: 'execa',
  listr2: 'listr2',
  ws: 'ws',
  yaml: 'yaml',
}

/** The imports that each vendor file has to answer. */
export type VendorImports = Map<string, Set<string>>

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/**
 * Sends imports of the heavy packages to dist/vendor/*.cjs, by `require`: it runs where a lazily loaded module of
 * ours is first evaluated, whereas an import of an external file would be hoisted and load them all at start.
 * Notes in `wanted` what was asked for. (The default export of a package that is an ES module would be lost on the
 * way; none of these has one.)
 */
export function vendorPackages(wanted: VendorImports): Plugin {
  return {
    name: 'vendor-packages',
    setup(context) {
      context.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
        const file = vendorFiles[packageOf(path)]
        if (file === undefined || importer.includes('node_modules')) return undefined
        wanted.set(file, (wanted.get(file) ?? new Set()).add(path))
        return { path, namespace: 'vendor', pluginData: file }
      })
      context.onResolve({ filter: /^\.\/vendor\//, namespace: 'vendor' }, ({ path }) => ({
        path,
        external: true,
      }))
      context.onLoad({ filter: /.*/, namespace: 'vendor' }, ({ path, pluginData }) => ({
        contents: `module.exports = require('./vendor/${String(pluginData)}.cjs')[${JSON.stringify(path)}]`,
      }))
    },
  }
}

/** The source of a vendor file: each import is evaluated when it is first asked for. */
export function vendorSource(specifiers: Iterable<string>): string {
  const getters = Array.from(
    specifiers,
    (one) => `get ${JSON.stringify(one)}() { return require(${JSON.stringify(one)}) }`,
  )
  return `module.exports = { ${getters.sort().join(', ')} }`
}

/**
 * Turns imports of Node's own modules into calls. An import statement would be hoisted, so that every start loads
 * every module that any command needs, and it reads all their exports: for node:http that alone takes 40 ms.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(context) {
    context.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    )
    context.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

/** A module that throws when one of its members is used: loading it costs nothing, needing it is a bug. */
function absentModule(name: string): string {
  return `module.exports = new Proxy({}, { get(_, key) {
    if (typeof key === 'symbol' || key === '__esModule') return key === '__esModule'
    throw new Error(${JSON.stringify(`${name} is not part of play`)} + ': ' + key)
  } })`
}

/**
 * Leaves out what costs much and is never used: what @pulumi/pulumi needs to serialize functions (TypeScript and
 * npm's tree reader are three quarters of its start-up; play has no dynamic providers), and oclif's look at
 * whether it is in the Windows Subsystem for Linux, which only its user agent tells.
 */
export const withoutUnused: Plugin = {
  name: 'without-unused',
  setup(context) {
    const unused = /\/typescript-shim(\.js)?$|^@npmcli\/arborist$|^normalize-package-data$/
    context.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: 'absent' }))
    context.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({ contents: absentModule(path) }))
    context.onResolve({ filter: /^wsl-utils$/ }, ({ path }) => ({ path, namespace: 'no-wsl' }))
    context.onLoad({ filter: /.*/, namespace: 'no-wsl' }, () => ({ contents: 'export const isWsl = false' }))
  },
}
