import { isDeepStrictEqual } from 'node:util'
import { type Analytics, type AnalyticsOptions, createAnalytics, type Stats } from '@justanalytics/core'
import { API_KEY } from './endpoints.js'
import { sum, violations } from './invariants.js'
import { FaultServer, openBlackHole, type ReferenceLedger, refusedUrl, type Script } from './server/index.js'

/** What is done to a client, and what is to come of it. */
export interface Case {
  readonly name: string
  /** What the endpoint does. Default: it takes everything. */
  readonly script?: Script
  /** Where the client sends to, if not to the endpoint with the script. */
  readonly endpoint?: Place
  readonly options?: AnalyticsOptions
  /** Events delivered before the script begins; they do not count. Default none. */
  readonly warmUp?: number
  /** Captures; default: five custom events. */
  readonly capture?: (client: Analytics) => void
  /** Milliseconds that `flush` gets. Default 10,000. */
  readonly patience?: number
  readonly expect: Expectation
}

export type Place = 'refused' | 'black hole' | 'the same port by https:' | { readonly url: string }

/** Numbers since the warm-up, when `flush` has answered. */
export interface Expectation {
  readonly delivered: number
  /** Exactly these losses. Default none; what is neither delivered nor lost is to be queued. */
  readonly dropped?: Stats['dropped']
  /** Warnings, exactly these, in any order. Default none. */
  readonly warnings?: readonly RegExp[]
  /** Requests that reached the endpoint: a number, or from and to. */
  readonly requests?: number | readonly [number, number]
  /** Copies of any one event at most. Default 2. */
  readonly copies?: number
  /** Connections made. */
  readonly connections?: number | readonly [number, number]
  /** Milliseconds from one request to the next at least. */
  readonly apart?: number
  /** Milliseconds until `flush` answered at most. */
  readonly within?: number
}

const EVENTS = 5

/** Captures events that can be told apart. */
export function captureMarked(client: Analytics, count: number, more: Record<string, unknown> = {}): void {
  for (let mark = 0; mark < count; mark++) client.capture(`event ${mark}`, { mark, ...more })
}

/**
 * Runs a case.
 * @returns a sentence for everything that is not as expected, or breaks what always holds
 */
export async function run(one: Case): Promise<string[]> {
  await using server = await FaultServer.open()
  await using place = await openPlace(one.endpoint, server)
  const lines: string[] = []
  const client = createAnalytics({
    apiKey: API_KEY,
    siteId: 'site',
    endpoint: place.url,
    logger: { warn: line => lines.push(line) },
    ...one.options,
  })
  for (let n = 0; n < (one.warmUp ?? 0); n++) client.capture('warm-up')
  await client.flush()
  const before = client.stats()
  const requestsBefore = server.ledger.requests.length
  const connectionsBefore = server.ledger.connections.made
  server.script = one.script ?? {}

  if (one.capture) one.capture(client)
  else captureMarked(client, EVENTS)
  const start = performance.now()
  const flushed = await client.flush(one.patience ?? 10_000)
  const took = performance.now() - start
  const stats = client.stats()
  const requests = server.ledger.requests.slice(requestsBefore)
  const told = {
    captured: stats.captured - before.captured,
    delivered: stats.delivered - before.delivered,
    dropped: stats.dropped,
    waiting: stats.queued + stats.inFlight,
    flushed,
    lines: [...lines],
    requests: requests.map(({ at }) => at),
    connections: server.ledger.connections.made - connectionsBefore,
    copies: mostCopies(server.ledger),
    took,
  }

  await client.close(100)
  // What was still on its way has come by then.
  await server.until(({ connections, underWay }) => connections.open === 0 && underWay.now === 0)
  const after = client.stats()
  const left = after.queued + after.inFlight
  return [
    ...compare(told, one.expect),
    ...violations({ stats, ledger: server.ledger, lines, apiKey: API_KEY, client }),
    ...violations({ stats: after, ledger: server.ledger, lines, apiKey: API_KEY, client }),
    ...(left === 0 ? [] : [`${left} events are left in a closed client`]),
  ]
}

interface Told {
  captured: number
  delivered: number
  dropped: Stats['dropped']
  waiting: number
  flushed: boolean
  lines: readonly string[]
  /** When each began. */
  requests: readonly number[]
  connections: number
  copies: number
  took: number
}

function compare(told: Told, expected: Expectation): string[] {
  const {
    delivered,
    dropped = {},
    warnings = [],
    requests,
    copies = 2,
    connections,
    apart,
    within,
  } = expected
  const wrong: string[] = []
  const check = (what: string, is: unknown, ought: unknown): void => {
    if (!isDeepStrictEqual(is, ought))
      wrong.push(`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(ought)}`)
  }
  const checkRange = (what: string, is: number, range: Expectation['requests']): void => {
    if (range === undefined) return
    const [least, most] = typeof range === 'number' ? [range, range] : range
    if (is < least || is > most) wrong.push(`${what}: ${is}, not ${least} to ${most}`)
  }
  check('delivered', told.delivered, delivered)
  check('dropped', told.dropped, dropped)
  check('waiting', told.waiting, told.captured - delivered - sum(dropped))
  check('flush answered', told.flushed, told.captured === delivered)
  checkRange('requests', told.requests.length, requests)
  checkRange('connections', told.connections, connections)
  checkRange('most copies of one event', told.copies, [0, copies])
  const gaps = told.requests.slice(1).map((at, index) => at - (told.requests[index] as number))
  // A millisecond is what timers and clocks may differ by.
  if (apart !== undefined)
    checkRange('shortest wait', Math.min(...gaps), [apart - 1, Number.POSITIVE_INFINITY])
  if (within !== undefined) checkRange('flush took', told.took, [0, within])
  const unmet = warnings.filter(pattern => !told.lines.some(line => pattern.test(line)))
  if (unmet.length > 0 || told.lines.length !== warnings.length) {
    wrong.push(`warnings: ${JSON.stringify(told.lines)}, not ${warnings.map(String)}`)
  }
  return wrong
}

function mostCopies({ events }: ReferenceLedger): number {
  return Math.max(0, ...[...events.values()].map(({ seen }) => seen))
}

async function openPlace(
  place: Place | undefined,
  server: FaultServer,
): Promise<{ url: string } & AsyncDisposable> {
  if (place === 'black hole') return await openBlackHole()
  const close = async (): Promise<void> => {}
  if (place === undefined) return { url: server.url, [Symbol.asyncDispose]: close }
  if (place === 'refused') return { url: await refusedUrl(), [Symbol.asyncDispose]: close }
  const url = place === 'the same port by https:' ? server.url.replace('http:', 'https:') : place.url
  return { url, [Symbol.asyncDispose]: close }
}
