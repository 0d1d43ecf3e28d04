// The images that demos run and build on: Node.js and nginx.
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DEBIAN, fillBusybox, type ComponentImage, type LayerSources } from './base-layers.ts'
import { BuildError } from './build-error.ts'
import { librariesOf, placeFile, placeFromRootfs, placeLinks, placeText } from './layer-contents.ts'
import { NODEJS_PROGRAM } from './npm-recipes.ts'
import { ROOTFS_PATH, runInRootfs } from './run-command.ts'

const NODE_USER = 1000

/** What Node.js is linked with besides the C library; libstdc++ brings the mathematics and the unwinder. */
const NODE_LIBRARIES = ['libstdc++.so.6', 'libdl.so.2', 'libpthread.so.0'].map(
  (name) => `/usr/lib/x86_64-linux-gnu/${name}`,
)

async function fillNodejs(root: string, sources: LayerSources): Promise<void> {
  const { componentRootfs, signal } = sources
  await fillBusybox(root, sources)
  const libraries = await librariesOf(componentRootfs, NODE_LIBRARIES, signal)
  const placed = [...NODE_LIBRARIES, ...libraries.map((library) => library.replace(/^\/lib\//, '/usr/lib/'))]
  await placeFromRootfs(root, componentRootfs, [...new Set(placed)].sort(), signal)
  await placeFile(root, { from: sources.program('nodejs'), to: 'usr/local/bin/node' })
  await placeLinks(root, 'node', ['usr/local/bin/nodejs'])
  const id = String(NODE_USER)
  await placeText(
    root,
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n' +
      `node:x:${id}:${id}::/home/node:/bin/sh\n`,
  )
  await placeText(root, 'etc/group', `root:x:0:\nnogroup:x:65534:\nnode:x:${id}:\n`)
  await mkdir(join(root, 'home/node'), { recursive: true })
  await chown(join(root, 'home/node'), NODE_USER, NODE_USER)
  await chmod(join(root, 'home/node'), 0o755)
  await expectVersion(root, ['node', '--version'], `v${NODEJS_PROGRAM.version}`, signal)
}

/** Runs a program of a root file system. @throws BuildError unless it starts and names the version it is listed with. */
async function expectVersion(
  root: string,
  command: readonly string[],
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const lines = await runInRootfs(root, command, { signal })
  if (!lines.some((line) => line.endsWith(version)))
    throw new BuildError(`${command.join(' ')} is not ${version}`, [], lines)
}

/** Node.js with a shell, as small as it gets: the base of images that demos build, in one layer. */
export const NODEJS: ComponentImage = {
  ...{ name: 'nodejs', reference: `docker.io/library/node:${NODEJS_PROGRAM.version}-slim` },
  ...{ version: NODEJS_PROGRAM.version, source: `npm:${NODEJS_PROGRAM.package}@${NODEJS_PROGRAM.version}` },
  description:
    `Node.js ${NODEJS_PROGRAM.version} of its project's npm package with Debian 12's libraries and busybox, without npm; ` +
    'also in the registry of the cluster; not the upstream image',
  settings: { command: ['node'], env: [`PATH=${ROOTFS_PATH}`, `NODE_VERSION=${NODEJS_PROGRAM.version}`] },
  layers: [{ name: 'nodejs', fill: fillNodejs }],
}

/** Debian bookworm's nginx, in the words of `nginx -v`. */
const NGINX_VERSION = '1.22.1'

const NGINX_CONFIGURATION = `user www-data;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events {
  worker_connections 1024;
}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`

const NGINX_SITE = `server {
  listen 80;
  listen [::]:80;
  server_name localhost;
  location / {
    root /usr/share/nginx/html;
    index index.html index.htm;
  }
}
`

async function fillNginx(root: string, { componentRootfs, signal }: LayerSources): Promise<void> {
  await expectVersion(componentRootfs, ['/usr/sbin/nginx', '-v'], `nginx/${NGINX_VERSION}`, signal)
  await placeText(root, 'etc/nginx/nginx.conf', NGINX_CONFIGURATION)
  await placeText(root, 'etc/nginx/conf.d/default.conf', NGINX_SITE)
  await placeLinks(root, '/dev/stdout', ['var/log/nginx/access.log'])
  await placeLinks(root, '/dev/stderr', ['var/log/nginx/error.log'])
}

/** The web server of the deployments that demos change; its welcome page is the package's, which is upstream's. */
export const NGINX: ComponentImage = {
  ...{ name: 'nginx', reference: `docker.io/library/nginx:${NGINX_VERSION}`, version: NGINX_VERSION },
  source: 'debian:bookworm/nginx',
  description: `Debian 12's nginx ${NGINX_VERSION} on port 80, with upstream's folders and logs; not the upstream image`,
  settings: { command: ['nginx', '-g', 'daemon off;'], stopSignal: 'SIGQUIT' },
  layers: [DEBIAN, { name: 'nginx', fill: fillNginx }],
}
