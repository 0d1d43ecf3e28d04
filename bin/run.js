#!/usr/bin/env node
/*
 * Entry of `play`. Everything here must parse on old versions of Node (no import statement, no top-level await,
 * nothing newer than ES2020 without its operators), so that they get a sentence instead of a syntax error.
 */
const needed = [22, 13]
const version = process.versions.node.split('.').map(Number)

// As src/cli/folders.ts has it.
function cacheFolder(path) {
  const { PLAY_CACHE_DIR, XDG_CACHE_HOME, HOME } = process.env
  const parent = XDG_CACHE_HOME || (HOME && path.join(HOME, '.cache'))
  return PLAY_CACHE_DIR || (parent && path.join(parent, 'play'))
}

function fail(error) {
  console.error(error)
  process.exitCode = 1
}

function run() {
  const path = process.getBuiltinModule('node:path')
  const root = path.dirname(import.meta.dirname)
  const words = process.argv.slice(2)
  if (words.length === 1 && words[0] === '--version') {
    const text = process.getBuiltinModule('node:fs').readFileSync(path.join(root, 'package.json'), 'utf8')
    const system = process.platform + '-' + process.arch
    console.log('play/' + JSON.parse(text).version + ' ' + system + ' node-' + process.version)
    return
  }
  // A folder of the person's own: the default one, in /tmp, could hold code put there by somebody else.
  const folder = cacheFolder(path)
  const cache = process.env.NODE_COMPILE_CACHE || (folder && path.join(folder, 'node-compile-cache'))
  if (cache) process.getBuiltinModule('node:module').enableCompileCache(cache)
  import('../dist/play.js').then((program) => program.main(root)).catch(fail)
}

if (version[0] < needed[0] || (version[0] === needed[0] && version[1] < needed[1])) {
  console.error(
    'play needs Node.js ' +
      needed.join('.') +
      ' or newer; this is ' +
      process.version +
      ' (' +
      process.execPath +
      ').\n' +
      'Install a current one from https://nodejs.org or with your version manager, then run play again.',
  )
  process.exitCode = 3
} else {
  run()
}
