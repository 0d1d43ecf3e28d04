/** The dependency rules of the design, held against the import graph, and the checker held against planted faults. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findCycle, importsOf, loadedWith, readImports } from './import-graph.ts'
import { layerViolations } from './layer-rules.ts'
import rules from './layers.json' with { type: 'json' }

const root = join(import.meta.dirname, '../..')
const imports = readImports(root, ['{src,commands,bin}/**/*.ts'])
const inRooms = imports.filter((one) => !one.from.startsWith('bin/'))

describe('the import graph of the program', () => {
  it('keeps to the table of layers', () => {
    expect(layerViolations(inRooms, rules)).toEqual([])
  })

  it('has no cycles', () => {
    expect(findCycle(imports)?.join(' -> ')).toBeUndefined()
  })

  it('loads nothing heavy at the start of any command', () => {
    const starts = ['{commands,bin}/**/*.ts', 'src/cli/help.ts'].flatMap((glob) =>
      globSync(glob, { cwd: root }),
    )
    expect(starts).not.toEqual([])
    const heavy = starts.flatMap((file) =>
      [...loadedWith(file, imports)]
        .filter(([name]) => rules.lazyPackages.includes(name))
        .map(([name, path]) => `${name} through ${path.join(' -> ')}`),
    )
    expect(heavy).toEqual([])
  })
})

describe('the checker', () => {
  const violations = (file: string, text: string): string[] => layerViolations(importsOf(file, text), rules)

  it.each([
    ['src/ui/x.ts', `import { up } from '../workflows/up.ts'`],
    ['src/ui/x.ts', `import { stepsOf } from '../engine/plan.ts'`],
    ['src/sources/kind/x.ts', `import { a } from '../../components/index.ts'`],
    ['src/sources/kind/x.ts', `export * from '../../adapters/x.ts'`],
    ['src/workflows/x.ts', `const load = () => import('../pulumi/stack-runner.ts')`],
    ['src/domain/x.ts', `import { createPlan } from '../engine/plan.ts'`],
    ['src/domain/x.ts', `type A = import('../adapters/x.ts').A`],
    ['src/engine/x.ts', `import { join } from 'node:path'`],
    ['src/workflows/x.ts', `import { readFile } from 'node:fs/promises'`],
    ['src/workflows/x.ts', `import { execa } from 'execa'`],
    ['src/sources/kind/steps.ts', `import '@pulumi/pulumi'`],
    ['src/cli/compose.ts', `import { createStackRunner } from '../pulumi/stack-runner.ts'`],
    ['src/cli/flags.ts', `const load = () => import('../adapters/system-clock.ts')`],
    ['src/helpers/x.ts', `import { a } from '../engine/plan.ts'`],
  ])('refuses %s with %s', (file, text) => {
    expect(violations(file, text)).toHaveLength(1)
  })

  it.each([
    ['src/ui/x.ts', `import type { RunEvent } from '../engine/events.ts'`],
    ['src/sources/kind/program.ts', `import { CustomResource } from '@pulumi/pulumi'`],
    ['src/sources/kind/program.ts', `import { KindCluster } from '../../pulumi/provider/resources.ts'`],
    ['src/cli/compose.ts', `const load = () => import('../adapters/system-clock.ts')`],
    ['src/cli/app.ts', `import { sources } from '../sources/index.ts'`],
    ['src/adapters/kube/x.ts', `import { sleep } from '../x.ts'`],
    ['commands/bundle/list.ts', `import type { Check } from '../../src/domain/check.ts'`],
  ])('allows %s with %s', (file, text) => {
    expect(violations(file, text)).toEqual([])
  })

  it('finds a cycle of three files, lazy imports included', () => {
    const cycle = [
      ...importsOf('src/ui/a.ts', `import './b.ts'`),
      ...importsOf('src/ui/b.ts', `const load = () => import('./c.ts')`),
      ...importsOf('src/ui/c.ts', `import type { A } from './a.ts'`),
    ]
    expect(findCycle(cycle)).toEqual(['src/ui/a.ts', 'src/ui/b.ts', 'src/ui/c.ts', 'src/ui/a.ts'])
  })

  it('finds a heavy package behind a static import, and not behind a lazy one', () => {
    const graph = [
      ...importsOf(
        'commands/up.ts',
        `import '../src/cli/a.ts'; const load = () => import('../src/cli/b.ts')`,
      ),
      ...importsOf('src/cli/a.ts', `import 'execa'; import type { Listr } from 'listr2'`),
      ...importsOf('src/cli/b.ts', `import 'yaml'`),
    ]
    expect([...loadedWith('commands/up.ts', graph).keys()]).toEqual(['execa'])
  })

  it('refuses an import that cannot be followed', () => {
    expect(() => importsOf('src/ui/x.ts', 'const load = (name: string) => import(name)')).toThrow(
      'import of name',
    )
  })
})
