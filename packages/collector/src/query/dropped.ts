import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Store } from '../store/store.js'
import { readPlace } from './filters.js'
import { inWindow, type Search, type Window } from './parameters.js'

/** Left out on purpose, and stood for by weights and counts: nothing is missing from the figures. */
const ON_PURPOSE: ReadonlySet<string> = new Set(['sampled', 'repeated', 'before_send'])

/** A client reports a loss with the next batch that gets through, and gives events up after a day at the latest. */
const LATEST_REPORT = 86_400_000

/** How many events of this window did the clients lose? Told by their reports that overlap it. */
export async function dropped(store: Store, search: Search, window: Window): Promise<number> {
  const place = readPlace(search)
  const near = inWindow({ from: Math.max(0, window.from - LATEST_REPORT), to: window.to + LATEST_REPORT })
  const reports = await store.query<{ raw: string }>(
    `SELECT raw FROM events WHERE event = 'client_report' AND ${near.sql} AND ${place.sql}`,
    { ...near.parameters, ...place.parameters },
  )
  return reports.reduce((sum, { raw }) => sum + lost(JSON.parse(raw), window), 0)
}

/** The report is a client's own text: what it does not say is taken from the event's time, or as none. */
function lost({ timestamp, properties }: AnalyticsEvent, { from, to }: Window): number {
  const at = Date.parse(timestamp)
  const since = moment(properties.since) ?? at
  const until = moment(properties.until) ?? at
  if (since >= to || until < from) return 0
  return Object.entries(properties.dropped ?? {})
    .filter(([reason, count]) => !ON_PURPOSE.has(reason) && Number.isSafeInteger(count))
    .reduce((sum, [, count]) => sum + Number(count), 0)
}

function moment(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
