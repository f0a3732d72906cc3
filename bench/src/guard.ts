/**
 * `node --expose-gc --min-semi-space-size=16 bench/dist/guard.js [framework]`: fails if a request of ours allocates
 * more than it used to, or if what it allocates grows old.
 *
 * Made for noisy machines: bytes are counted, which are the same whatever else the machine does. Time follows them:
 * most of what a request costs is making objects and texts, and clearing them away.
 */
import { spawnSync } from 'node:child_process'
import { getHeapSpaceStatistics } from 'node:v8'
import { portOf, type Running, type Start } from './apps/running.js'
import { Connection } from './load/connection.js'
import { nextRequest } from './load/requests.js'
import type { Remote } from './processes/rpc.js'
import type { SinkVerbs } from './processes/sink.js'
import { endAll, startProcess } from './processes/start.js'
import { median } from './stats.js'

/**
 * Bytes that ours may add to a request, a fifth more than seen on Node 20 to 26. Hono on Node makes a request and a
 * response of the web of what is asked for; Express tells each of its steps on a channel, with an object for each.
 */
const LIMITS = { fastify: 6_200, koa: 5_800, hono: 10_200, express: 10_000 } as const
/**
 * Bytes of a request that ours may leave in V8's old generation while it sends; up to 170 are seen. Where something that
 * has long left holds on to what comes after it, each event is moved there: 680 to 850 were seen. Not told of Express,
 * which by itself leaves 9,000 there.
 */
const OLD_LIMITS: Readonly<Partial<Record<Framework, number>>> = { fastify: 400, koa: 400, hono: 400 }
/** In this order: what ours subscribes to is the process's, and is not to be counted as bare's. */
const ROLES = ['bare', 'ours'] as const
type Role = (typeof ROLES)[number]
/** Until the engine has made of the code what it makes of it; it allocates less then. */
const WARM_UP_TURNS = 80
const TURNS = 50
const CONNECTIONS_EACH = 10
/**
 * A turn's requests: a batch. A turn in which the engine cleared away counts too little: with a young generation that
 * is 16 MiB from the start those are few, and the middle turn is none of them.
 */
const REQUESTS = 100
/** Requests in a row that are sent as they come: V8 clears the young generation away about once in each stretch. */
const STRETCH = 1000
/** In some of which it clears the old one away as well; the middle one is none of them. */
const STRETCHES = 31
/** For one server, some ten times what it takes. */
const PATIENCE_MS = 60_000
/**
 * Bare Express on Node 20 was seen to answer one request of many thousands with a 500: the engine took the
 * `arguments.length` of `app.get(setting)` for another number. Another process does without.
 */
const TRIES = 3
const UNANSWERED = 2

type Framework = keyof typeof LIMITS

const [, file = '', given] = process.argv
if (given !== undefined) process.exit((await isLean(given as Framework)) ? 0 : 1)
for (const framework of Object.keys(LIMITS)) if (!isLeanByItself(framework)) process.exitCode = 1

/** In a process of its own: what the engine has learnt of one framework is no part of another's figures. */
function isLeanByItself(framework: string): boolean {
  for (let n = 0; n < TRIES; n++) {
    const command = [...process.execArgv, file, framework]
    const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' })
    if (status !== UNANSWERED) return status === 0
  }
  return false
}

async function isLean(framework: Framework): Promise<boolean> {
  const sink = await startProcess<SinkVerbs>('sink', 'load')
  const { up } = await sink.call('addresses', undefined)
  const bytes = { bare: 0, ours: 0 }
  const old = { bare: 0, ours: 0 }
  for (const role of ROLES) {
    const name = `${framework}/${role}`
    const { start } = (await import(`./contenders/${name}.js`)) as { start: Start }
    const app = await start(`${up}/${name}`)
    const impatience = setTimeout(() => giveUp(name), PATIENCE_MS)
    // What loading leaves behind goes now; no measured turn is to pay for it.
    globalThis.gc?.()
    const connections = await Connection.openMany(portOf(app), CONNECTIONS_EACH)
    for (let turn = 0; turn < WARM_UP_TURNS; turn++) await takeTurn(app, connections)
    const turns: number[] = []
    for (let turn = 0; turn < TURNS; turn++) turns.push(await takeTurn(app, connections))
    bytes[role] = median(turns)
    const stretches: number[] = []
    for (let n = 0; n < STRETCHES; n++) stretches.push(await takeStretch(connections))
    old[role] = median(stretches)
    await app.flush()
    clearTimeout(impatience)
  }
  const isLeanEnough = tell(framework, 'bytes a request', bytes, LIMITS[framework])
  const oldLimit = OLD_LIMITS[framework]
  const staysYoung = oldLimit === undefined || tell(framework, 'of them grow old', old, oldLimit)
  const areReported = await areAllReported(sink, framework)
  endAll()
  return areReported && isLeanEnough && staysYoung
}

function tell(framework: string, what: string, { bare, ours }: Record<Role, number>, limit: number): boolean {
  const added = ours - bare
  const isBelow = added <= limit
  const figures = `${added.toFixed(0).padStart(6)} ${what}, limit ${limit} (bare ${bare.toFixed(0)})`
  console.log(`${isBelow ? '✓' : '✗'} ${framework.padEnd(8)} ${figures}`)
  return isBelow
}

function giveUp(name: string): never {
  console.log(`✗ ${name}: not every request was answered as it should be within ${PATIENCE_MS / 1000} s.`)
  endAll()
  process.exit(UNANSWERED)
}

/** What reports nothing allocates nothing. */
async function areAllReported(sink: Remote<SinkVerbs>, framework: string): Promise<boolean> {
  const made = (WARM_UP_TURNS + TURNS) * REQUESTS + STRETCHES * STRETCH
  const { [`${framework}/ours`]: reported = 0 } = await sink.call('reported', undefined)
  if (reported !== made) console.log(`✗ ${framework}: ${reported} of ${made} requests were reported.`)
  return reported === made
}

/** Bytes a request: of the asking, the same for both, the answering and the sending. */
async function takeTurn(app: Running, connections: readonly Connection[]): Promise<number> {
  const before = process.memoryUsage().heapUsed
  await Promise.all(connections.map(connection => ask(connection, REQUESTS / CONNECTIONS_EACH)))
  await app.flush()
  return (process.memoryUsage().heapUsed - before) / REQUESTS
}

/** Bytes a request by which the old generation has grown. */
async function takeStretch(connections: readonly Connection[]): Promise<number> {
  const before = oldBytes()
  await Promise.all(connections.map(connection => ask(connection, STRETCH / CONNECTIONS_EACH)))
  return (oldBytes() - before) / STRETCH
}

function oldBytes(): number {
  const spaces = getHeapSpaceStatistics()
  return spaces.find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0
}

function ask(connection: Connection, requests: number): Promise<void> {
  return new Promise(resolve => {
    let left = requests
    connection.onAnswer = () => {
      if (left === 0) resolve()
      else next()
    }
    function next(): void {
      left--
      connection.send(nextRequest())
    }
    next()
  })
}
