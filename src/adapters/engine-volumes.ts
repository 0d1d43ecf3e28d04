/** Reads the volumes that `podman volume ls --format json` lists; pure. */

interface Listed {
  readonly Name: string
  readonly Labels?: Readonly<Record<string, string>> | null
}

/**
 * Names of the volumes that kind made for nodes of `cluster`: on podman each bears a label that is called as its node,
 * such as `play-dev-control-plane=true`. Throws an Error for what is no list of volumes.
 */
export function parseLabelledVolumes(json: string, cluster: string): readonly string[] {
  const list: unknown = JSON.parse(json)
  // Without a volume some versions answer null.
  if (list !== null && !Array.isArray(list)) throw new Error('volume ls did not answer with a list')
  const node = new RegExp(`^${cluster}-(control-plane|worker)[0-9]*$`)
  return ((list ?? []) as readonly Listed[])
    .filter(({ Labels }) => Object.keys(Labels ?? {}).some((label) => node.test(label)))
    .map(({ Name }) => Name)
}
