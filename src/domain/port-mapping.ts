/** A port of the cluster's node published on this machine's loopback address. */
import { PlayError } from './errors.ts'

/** Both are TCP ports. */
export interface PortMapping {
  readonly hostPort: number
  readonly containerPort: number
}

/** Reads HOST:NODE, such as 8080:30080; throws USAGE_INVALID for anything else. */
export function parsePortMapping(text: string): PortMapping {
  const [, host, container] = /^(\d{1,5}):(\d{1,5})$/.exec(text) ?? []
  const ports = [Number(host), Number(container)]
  if (ports.every((port) => port >= 1 && port <= 65_535)) {
    return { hostPort: Number(host), containerPort: Number(container) }
  }
  throw PlayError.of('USAGE_INVALID', { reason: `"${text}" is no port mapping; write it like 8080:30080` })
}

/** HOST:NODE again. */
export function formatPortMapping({ hostPort, containerPort }: PortMapping): string {
  return `${String(hostPort)}:${String(containerPort)}`
}
