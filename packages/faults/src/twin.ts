import type { AnalyticsOptions } from '@justanalytics/core'
import { type Ended, hadItsTime, type Start, start } from './children.js'
import { differences, ourLines } from './differences.js'
import { API_KEY, type Health, openEndpoint } from './endpoints.js'
import { violations } from './invariants.js'

/** One application, run alone and with a client. */
export interface Twin {
  readonly name: string
  /** Which act of `apps/script.mjs`. */
  readonly act: string
  readonly endpoint: Health
  /** Of the client that one twin has. */
  readonly options?: AnalyticsOptions
  /** Of Node, for both. */
  readonly flags?: readonly string[]
  /** What is done to both from outside, when they have written their first bytes. */
  readonly outside?: NodeJS.Signals | 'close stdout'
  /** Events that arrive, client reports apart. Default: any number. */
  readonly arrive?: number | 'any'
  /** Exceptions among them. */
  readonly exceptions?: number | 'any'
  /** Milliseconds more, at most, from its last act to its end. */
  readonly held: number
  readonly clients?: number
}

/** What timers and signals may be late by. */
const SLACK_MS = 400

/** A lone twin is the same whatever the endpoint does. */
const alone = new Map<string, Promise<Life>>()

/** @returns a sentence for each difference, and for what does not hold */
export async function compareTwins(twin: Twin): Promise<string[]> {
  await using server = await openEndpoint(twin.endpoint)
  const options = { apiKey: API_KEY, siteId: 'site', endpoint: server.url, ...twin.options }
  const without = await runAlone(twin)
  const withClient = await run(twin, options)
  const { ledger } = server
  const { last, stderr } = withClient
  const lines = ourLines(stderr)
  const events = [...ledger.events.values()].map(({ event }) => event.event)
  const count = (name: string): number => events.filter(event => event === name).length
  return [
    ...differences(without, withClient),
    ...(hadItsTime(withClient)
      ? [
          ...compareTimes(without, withClient, twin.held),
          ...check('events that arrived', events.length - count('client_report'), twin.arrive),
          ...check('exceptions that arrived', count('exception'), twin.exceptions),
        ]
      : []),
    ...(last?.stats
      ? violations({
          stats: last.stats,
          ledger,
          lines,
          apiKey: API_KEY,
          ...(twin.clients !== undefined && { clients: twin.clients }),
        })
      : []),
    ...(`${withClient.stdout}${stderr}`.includes(API_KEY) ? ['the key shows in the output'] : []),
  ]
}

function runAlone(twin: Twin): Promise<Life> {
  const { act, flags, outside } = twin
  const key = JSON.stringify({ act, flags, outside })
  const known = alone.get(key) ?? run(twin, undefined)
  alone.set(key, known)
  return known
}

interface Life extends Ended {
  /** Milliseconds that its end took: from its last act, or from what was done to it. */
  readonly end: number | undefined
}

async function run({ act, flags, outside }: Twin, options: AnalyticsOptions | undefined): Promise<Life> {
  const asked: Start = {
    app: 'script.mjs',
    args: [JSON.stringify({ act, options, reports: true })],
    ...(flags && { flags }),
  }
  const { child, ended } = await start(asked)
  let done: number | undefined
  if (outside) {
    child.stdout?.once('data', () => {
      done = performance.now()
      if (outside === 'close stdout') child.stdout?.destroy()
      else child.kill(outside)
    })
  }
  const how = await ended
  return { ...how, end: how.last?.held ?? (done === undefined ? undefined : performance.now() - done) }
}

/** A process that kills itself tells no time. */
function compareTimes(without: Life, withClient: Life, held: number): string[] {
  const more = (withClient.end ?? 0) - (without.end ?? 0)
  return more <= held + SLACK_MS ? [] : [`it took ${Math.round(more)} ms more to end, not ${held}`]
}

function check(what: string, is: number, ought: number | 'any' = 'any'): string[] {
  return ought === 'any' || is === ought ? [] : [`${what}: ${is}, not ${ought}`]
}
