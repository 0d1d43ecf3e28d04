/** Reads the imports of source files: what names what, statically or lazily, as a type or as a value. */
import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'

/** One import, re-export or `import()`. */
export interface Import {
  /** Path of the importing file from the repository's root, with forward slashes. */
  readonly from: string
  /** As written in the source. */
  readonly specifier: string
  /** Path of the imported file from the repository's root; undefined for packages and Node's own modules. */
  readonly to: string | undefined
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

/** The imports in one file's text. A specifier that is not a literal cannot be followed and throws. */
export function importsOf(from: string, text: string): Import[] {
  const found: Import[] = []
  const add = (node: ts.Expression, typeOnly: boolean, dynamic: boolean): void => {
    if (!ts.isStringLiteralLike(node)) throw new Error(`${from}: import of ${node.getText()}`)
    const specifier = node.text
    const to = specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined
    found.push({ from, specifier, to, typeOnly, dynamic })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword, false)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      add(node.moduleSpecifier, node.isTypeOnly, false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true, false)
    else if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      node.arguments[0]
    )
      add(node.arguments[0], false, true)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(from, text, ts.ScriptTarget.Latest, true))
  return found
}

/** All imports of the files that `patterns` match under `root`. */
export function readImports(root: string, patterns: readonly string[]): Import[] {
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .sort()
    .flatMap((file) => importsOf(file.replaceAll('\\', '/'), readFileSync(join(root, file), 'utf8')))
}

/** A chain of files that import each other in a circle, or undefined. */
export function findCycle(imports: readonly Import[]): string[] | undefined {
  const next = Map.groupBy(imports, (one) => one.from)
  const done = new Set<string>()
  const search = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const { to } of next.get(file) ?? []) {
      const cycle = to === undefined ? undefined : search(to, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of next.keys()) {
    const cycle = search(file, [])
    if (cycle) return cycle
  }
  return undefined
}

/** The packages that are loaded as soon as `file` is: by it, or by what it imports statically as a value. */
export function loadedWith(file: string, imports: readonly Import[]): Map<string, readonly string[]> {
  const next = Map.groupBy(imports, (one) => one.from)
  const packages = new Map<string, readonly string[]>()
  const seen = new Set<string>()
  const visit = (current: string, path: readonly string[]): void => {
    if (seen.has(current)) return
    seen.add(current)
    for (const { to, specifier, typeOnly, dynamic } of next.get(current) ?? []) {
      if (typeOnly || dynamic) continue
      if (to !== undefined) visit(to, [...path, current])
      else packages.set(packageOf(specifier), [...path, current])
    }
  }
  visit(file, [])
  return packages
}

/** The package of an import: `@scope/name/deep` belongs to `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
