/**
 * Preloaded into the built CLI (NODE_OPTIONS=--import): numbers the moments at which a crash would hurt most, notes each
 * in a file, and at one of them kills this process, the Pulumi engine or the plug-in. Plain JavaScript for Node 22 and
 * 24, loaded before any other code; it changes nothing that the program can see but the time it takes.
 *
 * A point stands before and after: a write to a journal, an fsync, a rename, link, unlink or rm, the start of a child;
 * and one at the end of a child.
 *
 * CRASH_LOG=FILE             appended to: `NUMBER<TAB>NAME` for each point, then one of
 *                            `killed<TAB>VICTIM<TAB>NUMBER<TAB>NAME<TAB>PIDS`, the last line where the CLI is the victim
 *                            `lives<TAB>VICTIM<TAB>LASTPOINT<TAB>MILLISECONDS` at the end of a run that kills nobody
 * CRASH_AT=N                 the point; without it nobody is killed
 * CRASH_VICTIM=cli|engine|plugin
 * CRASH_DELAY=MILLISECONDS   a victim that is not there at point N is killed when it has been there for so long
 *
 * Victims are found in /proc by program and by the state folder of the playgrounds in their environment, so that those
 * of other people are safe.
 */
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import { isMainThread } from 'node:worker_threads'

const { CRASH_LOG: logFile, CRASH_AT, CRASH_DELAY, CRASH_VICTIM, PLAY_STATE_DIR: stateFolder } = process.env
const target = CRASH_AT ? Number(CRASH_AT) : undefined
const victim = CRASH_VICTIM ?? 'cli'
const delayMs = Number(CRASH_DELAY ?? 0)

/** Taken before anything is replaced. */
const { openSync, readFileSync, readdirSync, readlinkSync, writeSync } = fs

// Whoever is started from here is none of ours to watch.
for (const name of ['NODE_OPTIONS', 'CRASH_LOG', 'CRASH_AT', 'CRASH_DELAY', 'CRASH_VICTIM'])
  delete process.env[name]

const programs = {
  engine: (words) => basename(words[0] ?? '') === 'pulumi',
  plugin: (words) =>
    words.slice(0, 2).some((word) => /(^|\/)(pulumi-resource-play|dist\/provider\.js)$/.test(word)),
}

/** Numbers of the processes that are the victim at this moment. */
function pidsOf(who) {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    try {
      if (!programs[who](readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'))) return false
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(stateFolder)
    } catch {
      // It has ended meanwhile, or is somebody else's.
      return false
    }
  })
}

let log
let number = 0
let latest = ''
let done = target === undefined
let seenAt
let timer
/** By victim: when it was first and last seen, and the number of the last point before that. */
const lives = {}

function note(...words) {
  writeSync(log, `${words.join('\t')}\n`)
}

function observe() {
  for (const who of Object.keys(programs)) {
    if (pidsOf(who).length === 0) continue
    const now = performance.now()
    lives[who] = { first: lives[who]?.first ?? now, last: now, point: number }
  }
}

/** Kills the victim if it is there and its time has come; `now` where its time is this moment. */
function strike(name, now) {
  const pids = pidsOf(victim)
  if (pids.length === 0) return
  seenAt ??= performance.now()
  if (!now && performance.now() - seenAt < delayMs) return
  done = true
  clearInterval(timer)
  for (const pid of pids) process.kill(Number(pid), 'SIGKILL')
  note('killed', victim, number, name, pids.join(','))
}

function point(name) {
  number += 1
  latest = name
  note(number, name)
  if (target === undefined) return observe()
  if (done || number < target) return
  if (victim === 'cli') {
    done = true
    note('killed', victim, number, name, process.pid)
    process.kill(process.pid, 'SIGKILL')
    return
  }
  strike(name, number === target)
  if (!done) timer ??= setInterval(() => strike(`later than ${latest}`, false), 50).unref()
}

/** A file by what it is, without what differs from run to run. */
function nameOf(path) {
  return basename(String(path))
    .replace(/[0-9a-f]{12,}|[0-9A-HJKMNP-TV-Z]{26}/gi, '*')
    .replace(/\d{4,}/g, '*')
}

function pathOf(descriptor) {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return '?'
  }
}

const isJournal = (path) => /\.jsonl$/.test(path) && /journal|plugin/.test(basename(path))

function textOf(data) {
  return typeof data === 'string' ? data : Buffer.isBuffer(data) ? data.toString('utf8') : ''
}

/** What an append is about; undefined where the file is no journal. */
function appendOf(path, data) {
  if (!isJournal(path)) return undefined
  const field = (key) => new RegExp(`"${key}":"([^"]*)"`).exec(textOf(data))?.[1]
  return ['append', nameOf(path), field('kind'), field('step')].filter(Boolean).join(' ')
}

/** Replaces `owner[name]`; `describe` names the call by its arguments, or answers undefined for one that is no point. */
function replace(owner, name, describe, call) {
  const original = owner[name]
  if (typeof original !== 'function') return
  const replacement = function (...args) {
    const what = describe.apply(this, args)
    if (what === undefined) return original.apply(this, args)
    point(`before ${what}`)
    return call(original, this, args, () => point(`after ${what}`))
  }
  // util.promisify asks some functions how they are to be called.
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original))
  owner[name] = replacement
}

const callSync = (original, self, args, after) => {
  const result = original.apply(self, args)
  after()
  return result
}

const callPromise = (original, self, args, after) =>
  original.apply(self, args).then((result) => {
    after()
    return result
  })

const callBack = (original, self, args, after) => {
  const last = args.at(-1)
  if (typeof last !== 'function') return original.apply(self, args)
  const told = (error, ...rest) => {
    if (!error) after()
    last(error, ...rest)
  }
  return original.apply(self, [...args.slice(0, -1), told])
}

function replaceAll(name, describe) {
  replace(fs, `${name}Sync`, describe, callSync)
  replace(fs, name, describe, callBack)
  replace(fs.promises, name, describe, callPromise)
}

function replaceFiles() {
  for (const name of ['rename', 'link', 'symlink'])
    replaceAll(name, (from, to) => `${name} ${nameOf(from)} ${nameOf(to)}`)
  for (const name of ['unlink', 'rm', 'rmdir']) replaceAll(name, (path) => `${name} ${nameOf(path)}`)
  for (const name of ['fsync', 'fdatasync']) {
    const describe = (descriptor) => `fsync ${nameOf(pathOf(descriptor))}`
    replace(fs, `${name}Sync`, describe, callSync)
    replace(fs, name, describe, callBack)
  }
  replace(fs, 'writeSync', (descriptor, data) => appendOf(pathOf(descriptor), data), callSync)
  replace(fs, 'appendFileSync', (path, data) => appendOf(String(path), data), callSync)
  replace(fs.promises, 'appendFile', (path, data) => appendOf(String(path), data), callPromise)
}

async function replaceHandles() {
  const handle = await fs.promises.open('/dev/null')
  const prototype = Object.getPrototypeOf(handle)
  await handle.close()
  for (const name of ['sync', 'datasync']) replace(prototype, name, fsyncOfHandle, callPromise)
  for (const name of ['write', 'writeFile', 'appendFile'])
    replace(prototype, name, appendOfHandle, callPromise)
}

function fsyncOfHandle() {
  return `fsync ${nameOf(pathOf(this.fd))}`
}

function appendOfHandle(data) {
  return appendOf(pathOf(this.fd), data)
}

function replaceSpawn() {
  const { spawn } = childProcess
  childProcess.spawn = function (file, ...rest) {
    const words = Array.isArray(rest[0]) ? rest[0] : []
    const verbs = words.filter((word) => /^[a-z][a-z-]*$/.test(word)).slice(0, 2)
    // A program of a bundle is a file named by its digest.
    const what = [rest.at(-1)?.argv0 ?? basename(String(file)), ...verbs].join(' ')
    point(`before start ${what}`)
    const child = spawn.call(this, file, ...rest)
    // Ours comes first: the program has not seen the end yet.
    child.once('exit', () => point(`end ${what}`))
    point(`after start ${what}`)
    return child
  }
}

if (isMainThread && logFile) {
  log = openSync(logFile, 'a', 0o600)
  replaceFiles()
  await replaceHandles()
  replaceSpawn()
  syncBuiltinESMExports()
  if (target === undefined) setInterval(observe, 200).unref()
  process.on('exit', () => {
    for (const [who, { first, last, point: lastPoint }] of Object.entries(lives))
      note('lives', who, lastPoint, Math.round(last - first))
  })
}
