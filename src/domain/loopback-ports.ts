/** Ports of this machine's loopback address, as play looks at them. */

/** Ports of this machine's loopback address. */
export interface LoopbackPorts {
  /** True when something accepts connections there. */
  accepts(port: number, signal: AbortSignal): Promise<boolean>
  /** True when a server could listen there now. */
  isFree(port: number): Promise<boolean>
  /** What an HTTP server there answers, its body as text up to 1 MB. Throws where there is no answer within 5 s. */
  get(
    port: number,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: string }>
}
