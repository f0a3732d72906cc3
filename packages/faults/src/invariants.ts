import { inspect } from 'node:util'
import type { Analytics, Stats } from '@justanalytics/core'
import type { ReferenceLedger, SeenEvent } from './server/index.js'

/** All that a test of delivery leaves behind. */
export interface Evidence {
  readonly stats: Stats
  readonly ledger: ReferenceLedger
  /** Lines that were written to the log or to stderr. */
  readonly lines: readonly string[]
  readonly apiKey: string
  /** The client, where it lives in this process. */
  readonly client?: Analytics
  /** How many clients there were. Default 1. */
  readonly clients?: number
}

/** Connections a sender may have open at once. */
const CONNECTIONS = 2
/** The average means something where there are more events than one probe holds. */
const COPIES = { average: 3, from: 100, most: 20 }

/**
 * What holds after every test of delivery, whatever happened in it.
 * @returns a sentence for each thing that does not
 */
export function violations(evidence: Evidence): string[] {
  return [
    ...balance(evidence.stats),
    ...acknowledgement(evidence),
    ...identity([...evidence.ledger.events.values()].map(({ event }) => event)),
    ...restraint(evidence),
    ...secrecy(evidence),
    ...tact(evidence.lines),
  ]
}

export function sum(dropped: Stats['dropped']): number {
  return Object.values(dropped).reduce((all, count) => all + count, 0)
}

function balance(stats: Stats): string[] {
  const { captured, adopted, delivered, queued, inFlight, spooled, dropped } = stats
  const told = delivered + queued + inFlight + spooled + sum(dropped)
  return told === captured + adopted ? [] : [`the ledger does not balance: ${JSON.stringify(stats)}`]
}

/** Delivered means that the endpoint acknowledged it. */
function acknowledgement({ stats, ledger }: Evidence): string[] {
  const { acknowledged, events } = ledger
  const ours = [...acknowledged].filter(id => events.get(id)?.event.event !== 'client_report')
  if (stats.delivered <= ours.length) return []
  return [`${stats.delivered} events count as delivered, but the endpoint acknowledged ${ours.length}`]
}

/** Whatever is retried, split or replayed keeps its id, so that the collector can tell copies. */
function identity(events: readonly SeenEvent[]): string[] {
  const ids = new Map<unknown, string>()
  const wrong: string[] = []
  for (const { event_id, properties } of events) {
    const { mark } = properties
    if (mark === undefined) continue
    if (ids.has(mark)) wrong.push(`event ${mark} came under the ids ${ids.get(mark)} and ${event_id}`)
    ids.set(mark, event_id)
  }
  return wrong
}

function restraint({ ledger, clients = 1 }: Evidence): string[] {
  const { connections, copies, events } = ledger
  const wrong: string[] = []
  if (connections.most > CONNECTIONS * clients)
    wrong.push(`${connections.most} connections were open at once`)
  if (copies.most > COPIES.most) wrong.push(`one event was sent ${copies.most} times`)
  if (events.size >= COPIES.from && copies.average > COPIES.average) {
    wrong.push(`events were sent ${copies.average} times on average`)
  }
  return wrong
}

function secrecy({ ledger, lines, apiKey, client }: Evidence): string[] {
  const places: Record<string, string> = {
    'a log line': lines.join('\n'),
    'a URL': ledger.requests.map(({ target }) => target).join('\n'),
    'an event': JSON.stringify([...ledger.events.values()]),
    'another header than authorization': JSON.stringify(
      ledger.requests.map(({ headers }) => ({ ...headers, authorization: undefined })),
    ),
    'inspect(client)': inspect(client, { depth: 20, showHidden: true }),
    'JSON.stringify(client)': JSON.stringify(client) ?? '',
  }
  return Object.entries(places)
    .filter(([, text]) => text.includes(apiKey))
    .map(([place]) => `the key is in ${place}`)
}

function tact(lines: readonly string[]): string[] {
  return lines
    .filter(line => !/^\[justanalytics\] [^\n]+$/.test(line))
    .map(line => `this is no warning of one line with our name: ${JSON.stringify(line)}`)
}
