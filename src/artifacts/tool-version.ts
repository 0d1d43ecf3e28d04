// Which version a program says it is, and whether play can work with that one.
import type { ToolName } from '../domain/ports.ts'
import type { VersionRange } from './pins.ts'

/**
 * Arguments that make a tool print its version without a cluster or a network.
 * kind prints "kind v0.32.0 go1.26.4 linux/amd64" (pkg/cmd/kind/version/version.go), pulumi "v3.259.0", kubectl
 * "Client Version: v1.34.10" and more lines.
 */
export const versionArguments: Readonly<Record<ToolName, readonly string[]>> = {
  kind: ['version'],
  pulumi: ['version'],
  kubectl: ['version', '--client'],
}

/** The first version in a tool's output, without its v and without what follows the three numbers; undefined if there is none. */
export function parseToolVersion(output: string): string | undefined {
  return /(?<![\d.])v?(\d+\.\d+\.\d+)(?!\d)/.exec(output)?.[1]
}

function compare(left: string, right: string): number {
  const numbers = right.split('.').map(Number)
  const differences = left.split('.').map((part, index) => Number(part) - (numbers[index] ?? 0))
  return differences.find((difference) => difference !== 0) ?? 0
}

/** True when `version` (three numbers) lies in the range. */
export function isAccepted(version: string, range: VersionRange): boolean {
  return compare(version, range.from) >= 0 && compare(version, range.below) < 0
}

/** The range in words. */
export function describeRange(range: VersionRange): string {
  return `${range.from} or newer, before ${range.below}`
}
