import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Parameter, Store } from '../store/store.js'
import { expected, inWindow, readFilters, readLimit, readWindow, type Search } from './parameters.js'

export interface EventList {
  items: AnalyticsEvent[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
}

interface Found {
  at: string
  event_id: string
  raw: string
}

/** Which events were stored, newest first, each as it was sent? */
export async function events(store: Store, search: Search, now: number): Promise<EventList> {
  const limit = readLimit(search)
  const window = inWindow(readWindow(search, now))
  const filters = readFilters(search, ['site', 'env', 'release', 'user', 'request', 'job', 'status', 'q'])
  const conditions = [window.sql, filters.sql]
  const parameters: Record<string, Parameter> = { ...window.parameters, ...filters.parameters }

  const event = search('event')
  if (event !== undefined) {
    conditions.push('event = {event:String}')
    parameters.event = event
  }
  const cursor = search('cursor')
  if (cursor !== undefined) {
    const { at, event_id } = readCursor(cursor)
    conditions.push("(timestamp, event_id) < ({at:DateTime64(3, 'UTC')}, {event_id:String})")
    Object.assign(parameters, { at, event_id })
  }

  const found = await store.query<Found>(
    `SELECT toString(timestamp) AS at, event_id, raw FROM events
     WHERE ${conditions.join(' AND ')}
     ORDER BY timestamp DESC, event_id DESC LIMIT ${limit + 1}`,
    parameters,
  )
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(({ raw }) => JSON.parse(raw) as AnalyticsEvent),
    ...(found.length > limit && last ? { next: formatCursor(last) } : {}),
  }
}

function formatCursor({ at, event_id }: Found): string {
  return Buffer.from(`${at}\n${event_id}`).toString('base64url')
}

function readCursor(cursor: string): { at: string; event_id: string } {
  const [at = '', event_id = ''] = Buffer.from(cursor, 'base64url').toString().split('\n')
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/.test(at) || event_id === '')
    throw expected('cursor', 'the `next` of an answer', cursor)
  return { at, event_id }
}
