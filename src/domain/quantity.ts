/** Quantities of memory: as Kubernetes writes them, and as people read them. */

const suffixes: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** Bytes of a quantity such as 128Mi, 1.5Gi, 64M or 1e6; 0 for one that cannot be read. */
export function parseBytes(quantity: string): number {
  const [, number = '', suffix = ''] = /^([0-9.]+(?:[eE][0-9]+)?)([a-zA-Z]*)$/.exec(quantity) ?? []
  const bytes = Number(number) * (suffix === '' ? 1 : (suffixes[suffix] ?? 0))
  return Number.isFinite(bytes) ? Math.round(bytes) : 0
}

/** "12 MiB", "1.2 GiB": short, for a person. */
export function formatBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20
  return mebibytes < 1000 ? `${String(Math.ceil(mebibytes))} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`
}
