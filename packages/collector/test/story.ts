import { parseEvents } from '@justanalytics/core/event'
import { toRow } from '../src/ingest/row.js'
import type { Store } from '../src/store/store.js'
import { randomOf } from './random.js'

/** The moment at which stories are asked about, and the two hours before it that they play in. */
export const NOW: number = Date.UTC(2026, 10, 22, 3, 40)
export const BEGIN: number = NOW - 2 * 3_600_000
const DAY = 86_400_000
const MINUTE = 60_000

/** A minute of the two hours: `at('03:02')`. */
export function at(time: string): number {
  return Date.parse(`2026-11-22T${time}${time.length === 5 ? ':00' : ''}Z`)
}

export interface Fault {
  status?: number
  exception_type: string
  exception_message: string
  traceback: string
}

export interface Made {
  time: number
  method: string
  route: string
  release: string
  user: number
  /** From 0 to 1, the same on every run. */
  luck: number
}

export interface Story {
  /** Requests a minute in the same hours of the 7 days before, and in the two hours. */
  past: number
  rate: number | ((time: number) => number)
  /** The releases that serve at a moment; more than one share the requests. */
  releases: (time: number) => readonly string[]
  /** What a request met, beside the faults that are usual. */
  fault?: (made: Made) => Fault | undefined
  /** Jobs that payments enqueue fail like this. */
  jobFault?: (made: Made) => Fault | undefined
  /** More events of any kind. */
  more?: readonly object[]
}

export function thrown(type: string, message: string, place: string, more: Partial<Fault> = {}): Fault {
  return {
    exception_type: type,
    exception_message: message,
    traceback: `${type}: ${message}\n    at ${place}\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`,
    ...more,
  }
}

/** The fault that is always there: 4 of 1,000. */
const USUAL: Fault = thrown('StockError', 'stock is out of step', 'readStock (/app/src/stock.ts:8:3)')

const ROUTES = [
  ['GET', '/products'],
  ['GET', '/cart/:cart'],
  ['POST', '/checkout/:cart/pay'],
] as const
export const PAY = '/checkout/:cart/pay'

/** A few inserts: each costs a part for every day and its syncing. */
const MOST_LINES = 30_000

/** Makes the events of stories, each of its own site, and stores them. */
export async function play(
  store: Store,
  stories: Iterable<readonly [site: string, story: Story]>,
): Promise<void> {
  let lines: string[] = []
  for (const [site, story] of stories) {
    const now = make(site, story, BEGIN, NOW)
    lines = [...lines, ...pastOf(story.past, site), ...toLines(site, [...now, ...(story.more ?? [])])]
    if (lines.length < MOST_LINES) continue
    await store.insert('events', lines)
    lines = []
  }
  if (lines.length > 0) await store.insert('events', lines)
}

const pasts = new Map<number, string[]>()

/** The 7 days before are the same in all stories but for their site. */
function pastOf(rate: number, site: string): string[] {
  const known = pasts.get(rate)
  if (known) return known.map(line => line.replaceAll('past-of', site))
  const quiet: Story = { past: rate, rate, releases: () => ['api@1'] }
  const lines = Array.from({ length: 7 }, (_, day) => {
    const end = NOW - (day + 1) * DAY
    return toLines('past-of', make(`past-of-${day}`, quiet, end - (NOW - BEGIN), end))
  }).flat()
  pasts.set(rate, lines)
  return pastOf(rate, site)
}

function make(seed: string, story: Story, begin: number, end: number): object[] {
  const random = randomOf(seed)
  const events: object[] = []
  let n = 0
  const tell = (event: string, time: number, properties: object) => {
    events.push({ event, event_id: `${seed}-${n++}`, timestamp: new Date(time).toISOString(), properties })
  }
  const request = (time: number) => {
    const [method, route] = ROUTES[Math.floor(random() * 3)] as (typeof ROUTES)[number]
    const releases = story.releases(time)
    const release = releases[Math.floor(random() * releases.length)] as string
    const made: Made = { time, method, route, release, user: Math.floor(random() * 400), luck: random() }
    const fault = story.fault?.(made) ?? (made.luck < 0.004 ? USUAL : undefined)
    const common = {
      user_id: String(made.user),
      request_id: `${seed}-r${n}`,
      release,
      environment: 'production',
    }
    const shared = {
      ...common,
      path: route.replace(':cart', 'c1'),
      route,
      method,
      status_code: fault ? (fault.status ?? 500) : 200,
      duration_ms: 12,
    }
    tell('api_request', time, { ...shared, viewset: null, action: null, query_params: {}, outcome: 'ok' })
    if (fault?.exception_type)
      tell('exception', time + 5, { ...shared, ...fault, mechanism: 'request', handled: true })
    if (route === PAY && random() < 0.5) {
      const jobFault = story.jobFault?.(made)
      const task = {
        task_name: 'email.receipt',
        task_id: `t${n}`,
        queue: 'mail',
        duration_ms: 30,
        attempt: 1,
        ...common,
      }
      if (jobFault)
        tell('task_failed', time + 900, { ...task, ...jobFault, final: true, reason: 'exhausted' })
      else tell('task_completed', time + 900, { ...task, state: 'completed' })
    }
  }
  for (let minute = begin; minute < end; minute += MINUTE) {
    const rate = typeof story.rate === 'number' ? story.rate : story.rate(minute)
    for (let i = 0; i < rate; i++) request(minute + Math.floor((MINUTE * i) / rate))
  }
  return events
}

/** Rows as the collector would store them. */
function toLines(site: string, events: readonly object[]): string[] {
  const lines: string[] = []
  for (let i = 0; i < events.length; i += 500) {
    const batch = events
      .slice(i, i + 500)
      .map((event, n) => ({ site_id: site, event_id: `${site}-more-${i + n}`, ...event }))
    const { events: parsed, rejected } = parseEvents(batch)
    if (rejected.length > 0) throw new Error(`a story's event is wrong: ${rejected[0]?.reason}`)
    lines.push(...parsed.map(({ event }) => JSON.stringify(toRow(event, Date.parse(event.timestamp) + 1000))))
  }
  return lines
}
