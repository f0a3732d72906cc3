/** `pnpm --filter @justanalytics/faults figures`: memory and exit times, next to their bounds. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnalyticsOptions } from '@justanalytics/core'
import { start } from './children.js'
import { API_KEY, type Health, openEndpoint } from './endpoints.js'
import { startLoad } from './load.js'

const MIB = 1024 * 1024
const LOAD = { rate: 3000, milliseconds: 12_000 }
const ROUNDS = 3

interface Figure {
  readonly what: string
  readonly measured: number
  readonly bound: number
  readonly unit: 'MiB' | 'ms'
}

/** What timers and the scheduler may add to a bound. */
const TOLERANCE = { MiB: 0, ms: 100 }

const optionsFor = (endpoint: string): AnalyticsOptions => ({ apiKey: API_KEY, siteId: 'site', endpoint })

async function growth(health: Health): Promise<Figure> {
  await using endpoint = await openEndpoint(health)
  let most = 0
  const load = startLoad(optionsFor(endpoint.url), LOAD.rate, ({ grown }) => {
    most = Math.max(most, grown)
  })
  await sleep(LOAD.milliseconds)
  await load.stop(0)
  return {
    what: `memory grown under ${LOAD.rate} events a second for ${LOAD.milliseconds / 1000} s, the endpoint ${health}`,
    measured: most / MIB,
    bound: 8,
    unit: 'MiB',
  }
}

/** How much later an application ends with the client than without it, the median of some rounds. */
async function exit(what: string, act: string, health: Health, bound: number, more = {}): Promise<Figure> {
  await using endpoint = await openEndpoint(health)
  const held = async (options?: AnalyticsOptions): Promise<number> => {
    const { ended } = await start({
      app: 'script.mjs',
      args: [JSON.stringify({ act, options, reports: true })],
    })
    return (await ended).last?.held ?? Number.NaN
  }
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push((await held({ ...optionsFor(endpoint.url), ...more })) - (await held()))
  }
  const measured = rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number
  return { what: `${what}, the endpoint ${health}`, measured, bound, unit: 'ms' }
}

const WATCHING = { captureUncaught: true }

const figures: readonly (() => Promise<Figure>)[] = [
  () => growth('up'),
  () => growth('refused'),
  () => growth('silent'),
  () => growth('sick'),
  () => exit('natural exit, nothing queued', 'do nothing', 'up', 0),
  () => exit('natural exit, nothing queued', 'do nothing', 'silent', 0),
  () => exit('natural exit, something queued', 'capture', 'up', 2000),
  () => exit('natural exit, something queued', 'capture', 'refused', 2000),
  () => exit('natural exit, something queued', 'capture', 'silent', 2000),
  () => exit('natural exit, a full queue', 'capture much', 'silent', 2000),
  () => exit('process.exit', 'call process.exit', 'silent', 0),
  () => exit('process.exit with captureUncaught', 'call process.exit', 'silent', 1000, WATCHING),
  () => exit('a crash', 'throw later', 'silent', 0),
  () => exit('a crash with captureUncaught', 'throw later', 'up', 1000, WATCHING),
  () => exit('a crash with captureUncaught', 'throw later', 'silent', 1000, WATCHING),
]

console.log('| figure | measured | bound | |\n| --- | ---: | ---: | --- |')
for (const measure of figures) {
  const { what, measured, bound, unit } = await measure()
  const holds = measured <= bound + TOLERANCE[unit]
  if (!holds) process.exitCode = 1
  const shown = unit === 'MiB' ? measured.toFixed(1) : String(Math.round(measured))
  console.log(`| ${what} | ${shown} ${unit} | ${bound} ${unit} | ${holds ? '✓' : '✗'} |`)
}
