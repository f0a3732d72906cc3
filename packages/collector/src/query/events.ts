import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Parameter, Store } from '../store/store.js'
import { type Completeness, completeness } from './completeness.js'
import { afterCursor, formatCursor, type Place } from './cursor.js'
import { readFilters } from './filters.js'
import { inWindow, readLimit, readWindow, type Search } from './parameters.js'

export interface EventList extends Completeness {
  items: AnalyticsEvent[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
}

interface Found extends Place {
  raw: string
}

/** Which events were stored, newest first, each as it was sent? */
export async function events(store: Store, search: Search, now: number): Promise<EventList> {
  const limit = readLimit(search)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const filters = readFilters(search, 'event', window)
  const conditions = [within.sql, filters.sql]
  const parameters: Record<string, Parameter> = { ...within.parameters, ...filters.parameters }

  for (const [name, column] of [
    ['event', 'event'],
    ['request', 'request_id'],
  ] as const) {
    const value = search(name)
    if (value === undefined) continue
    conditions.push(`${column} = {${name}:String}`)
    parameters[name] = value
  }
  const after = afterCursor(search, '(timestamp, event_id)')
  if (after) {
    conditions.push(after.sql)
    Object.assign(parameters, after.parameters)
  }

  const [found, certainty] = await Promise.all([
    store.query<Found>(
      `SELECT toString(timestamp) AS at, event_id AS id, raw FROM events
       WHERE ${conditions.join(' AND ')}
       ORDER BY timestamp DESC, event_id DESC LIMIT ${limit + 1}`,
      parameters,
    ),
    completeness(store, search, window, now),
  ])
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(({ raw }) => JSON.parse(raw) as AnalyticsEvent),
    ...(found.length > limit && last ? { next: formatCursor(last) } : {}),
    ...certainty,
  }
}
