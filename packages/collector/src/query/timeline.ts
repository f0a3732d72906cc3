import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Store } from '../store/store.js'
import { type Completeness, completeness } from './completeness.js'
import { afterCursor, formatCursor, type Place } from './cursor.js'
import { readFilters } from './filters.js'
import { inWindow, readLimit, readWindow, type Search } from './parameters.js'

export interface Timeline extends Completeness {
  /** As they were sent, the newest first. */
  items: AnalyticsEvent[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
}

interface Found extends Place {
  raw: string
}

/**
 * What did one user do, and what happened to them, their jobs included?
 * @param id of a user, or of a visitor who was not signed in
 */
export async function timeline(store: Store, id: string, search: Search, now: number): Promise<Timeline> {
  const limit = readLimit(search)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const filters = readFilters(search, 'event', window)
  const after = afterCursor(search, '(timestamp, event_id)')
  const [found, certainty] = await Promise.all([
    store.query<Found>(
      `SELECT toString(timestamp) AS at, event_id AS id, raw FROM events
       WHERE ${within.sql} AND ${filters.sql}${after ? ` AND ${after.sql}` : ''}
         AND (user_id = {id:String} OR (user_id = '' AND visitor_id = {id:String}))
       ORDER BY timestamp DESC, event_id DESC LIMIT ${limit + 1}`,
      { ...within.parameters, ...filters.parameters, ...after?.parameters, id },
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
