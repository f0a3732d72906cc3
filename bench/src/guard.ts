/**
 * `node bench/dist/guard.js`: fails if a request of ours costs far more than one of the lower bound.
 *
 * Made for noisy machines. Bare, lower bound and ours are in one process and take turns of a few milliseconds, so
 * that whatever slows one slows all; noise only ever adds, so the cheap turns are compared, not the middle ones; and
 * what fails gets more turns: noise passes in the end, a regression does not.
 */
import { portOf, type Running, type Start } from './apps/running.js'
import { Connection } from './load/connection.js'
import { nextRequest } from './load/requests.js'
import type { SinkVerbs } from './processes/sink.js'
import { endAll, startProcess } from './processes/start.js'
import { quantile } from './stats.js'

const FRAMEWORKS = ['fastify', 'koa', 'hono', 'express'] as const
const ROLES = ['bare', 'lower-bound', 'ours'] as const
/** What ours adds to bare, by what the lower bound adds. The aim is 1.25; 30 µs are about 1 more. */
const LIMIT = 2.2
const ATTEMPTS = 3
const WARM_UP_TURNS = 15
const TURNS = 30
const CHEAP = 0.1
const CONNECTIONS_EACH = 10
/** A turn's requests: two batches of a hundred. */
const REQUESTS = 200

type Role = (typeof ROLES)[number]
/** Microseconds a request, turn by turn. */
type Costs = Record<Role, number[]>

interface Player {
  readonly app: Running
  readonly connections: readonly Connection[]
  /** Requests so far. */
  made: number
}

const sink = await startProcess<SinkVerbs>('sink', 'load')
const { up } = await sink.call('addresses', undefined)
for (const framework of FRAMEWORKS) if (!(await isCheap(framework))) process.exitCode = 1
endAll()
process.exit()

async function isCheap(framework: string): Promise<boolean> {
  const players = {} as Record<Role, Player>
  for (const role of ROLES) {
    const name = `${framework}/${role}`
    const { start } = (await import(`./contenders/${name}.js`)) as { start: Start }
    const app = await start(`${up}/${name}`)
    players[role] = { app, connections: await Connection.openMany(portOf(app), CONNECTIONS_EACH), made: 0 }
  }
  await takeTurns(players, WARM_UP_TURNS)
  const costs: Costs = { bare: [], 'lower-bound': [], ours: [] }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await takeTurns(players, TURNS, costs)
    const { ratio, text } = compare(costs)
    const isBelow = ratio <= LIMIT
    console.log(
      `${isBelow ? '✓' : '✗'} ${framework.padEnd(8)} ${ratio.toFixed(2)} × the lower bound (${text})`,
    )
    if (isBelow) return areAllReported(framework, players.ours.made)
  }
  console.log(`  A request of ours on ${framework} adds more than ${LIMIT} times what the lower bound adds.`)
  return false
}

/** What costs nothing because it reports nothing is not cheap. */
async function areAllReported(framework: string, made: number): Promise<boolean> {
  const { [`${framework}/ours`]: reported = 0 } = await sink.call('reported', undefined)
  if (reported !== made) console.log(`✗ ${framework}: ${reported} of ${made} requests were reported.`)
  return reported === made
}

async function takeTurns(players: Record<Role, Player>, turns: number, costs?: Costs): Promise<void> {
  for (let turn = 0; turn < turns; turn++)
    for (const role of ROLES) {
      const cost = await takeTurn(players[role])
      costs?.[role].push(cost)
    }
}

function compare(costs: Costs): { ratio: number; text: string } {
  const [bare, lower, ours] = ROLES.map(role => quantile(costs[role], CHEAP)) as [number, number, number]
  const text = `bare ${bare.toFixed(0)} µs, lower bound + ${(lower - bare).toFixed(1)}, ours + ${(ours - bare).toFixed(1)}`
  return { ratio: (ours - bare) / (lower - bare), text }
}

/** Microseconds of CPU a request: the asking, the same for all, the answering and the sending. */
async function takeTurn(player: Player): Promise<number> {
  const before = process.cpuUsage()
  await Promise.all(player.connections.map(connection => ask(player, connection)))
  await player.app.flush()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / REQUESTS
}

function ask(player: Player, connection: Connection): Promise<void> {
  return new Promise(resolve => {
    let left = REQUESTS / CONNECTIONS_EACH
    connection.onAnswer = () => {
      if (left === 0) resolve()
      else next()
    }
    function next(): void {
      left--
      player.made++
      connection.send(nextRequest())
    }
    next()
  })
}
