/** Decides which of the user's environment variables a child process gets to see. */

/**
 * Names that children need: to find programs, homes and temporary folders, to reach a container engine,
 * and to reach the network. Compared without case, since proxies come in both and Windows has none.
 */
const allowed = new Set([
  // Any system.
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LANG', 'LANGUAGE', 'TZ'],
  // Proxies.
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  // Docker's documented client settings; other DOCKER_ names may be somebody's password.
  ...[
    'DOCKER_HOST',
    'DOCKER_CONTEXT',
    'DOCKER_CONFIG',
    'DOCKER_CERT_PATH',
    'DOCKER_TLS',
    'DOCKER_TLS_VERIFY',
  ],
  ...['DOCKER_API_VERSION', 'DOCKER_DEFAULT_PLATFORM'],
  // Podman's connection to a virtual machine, and what rootless Podman asks of systemd.
  ...['CONTAINER_HOST', 'CONTAINER_CONNECTION', 'CONTAINER_SSHKEY', 'DBUS_SESSION_BUS_ADDRESS'],
  // Docker contexts over ssh.
  'SSH_AUTH_SOCK',
  // Windows.
  ...[
    'SYSTEMROOT',
    'SYSTEMDRIVE',
    'WINDIR',
    'COMSPEC',
    'PATHEXT',
    'TEMP',
    'TMP',
    'PROGRAMDATA',
    'PROGRAMFILES',
  ],
  ...['USERPROFILE', 'USERNAME', 'HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA'],
])

const allowedPrefixes = ['LC_', 'XDG_', 'CONTAINERS_', 'SSL_CERT_']

/** Environment variables by name, as the operating system hands them over. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The part of `env` that children may see, with `added` on top. PULUMI_* settings, tokens and cloud
 * credentials of the user stay out: a tool that needs one gets it from its caller by name.
 */
export function childEnvironment(env: Environment, added: Environment = {}): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && isAllowed(name.toUpperCase())) kept[name] = value
  }
  for (const [name, value] of Object.entries(added)) {
    if (value !== undefined) kept[name] = value
  }
  return kept
}

function isAllowed(name: string): boolean {
  return allowed.has(name) || allowedPrefixes.some((prefix) => name.startsWith(prefix))
}
