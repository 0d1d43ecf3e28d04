/** What of a component a person can reach from their machine, through a port-forward. */

/** A port of a component's pods, and how it is spoken to. */
export interface Endpoint {
  /** Its name on the command line of `play open`. */
  readonly name: string
  /** What a person finds there. */
  readonly title: string
  /** Labels, as a=b, of the pods that serve it, in the namespace of the component. */
  readonly selector: string
  /** Port of the pod. */
  readonly port: number
  readonly scheme: 'http' | 'https' | 'git'
  /** Below the address, with its slash; none if left out. */
  readonly path?: string
  /** Where the password is for a login that it asks for. */
  readonly credentials?: EndpointCredentials
}

/** A user, and the Secret in the component's namespace that holds the password. */
export interface EndpointCredentials {
  readonly user: string
  readonly secret: string
  readonly key: string
}

/** The address of an endpoint that is forwarded to a port of this machine. */
export function endpointUrl({ scheme, path = '' }: Endpoint, localPort: number): string {
  return `${scheme}://127.0.0.1:${String(localPort)}${path}`
}
