import type { AnalyticsEvent } from '@justanalytics/core/event'
import { Refusal } from '../errors.js'
import { isFault } from '../grouping/fault.js'
import { readFrames, type ShownFrames } from '../grouping/shown.js'
import { GROUP_OF } from '../grouping/state.js'
import type { Store } from '../store/store.js'
import type { Condition } from './parameters.js'

export const IS_REQUEST = "event IN ('pageview', 'api_request')"

export const IS_FAULT = "event IN ('exception', 'task_failed')"

/** `who` is the number of a user or visitor; this one is that of all who are not known. */
export const NOBODY = "cityHash64(false, '')"

export const IS_KNOWN: string = `who != ${NOBODY}`

/** SQL: the number of a visitor, or of a user of whom no visitor id is told. Means someone where {@link IS_KNOWN}. */
export const VISITOR = "if(visitor != cityHash64(''), visitor, who)"

/** The id of a user, or of a visitor where nobody was signed in. */
export const WHO = "if(user_id != '', user_id, visitor_id)"

/** A moment as the engine writes it (`2026-11-22 03:02:11.482`, UTC), in ISO 8601. */
export function isoOf(moment: string): string {
  return `${moment.replace(' ', 'T')}Z`
}

/** What one answer about one thing holds at most. */
const MOST_EVENTS = 1000

/** Of an exception or a failed attempt: its error group, and its stack taken apart. */
export interface EventFrames extends ShownFrames {
  event_id: string
  /** `null` for what was stored before errors were grouped. */
  group: string | null
}

/** The frames of so many of the newest faults are in one answer. */
const MOST_FRAMED = 100

/** Events as they were sent. */
export interface StoredEvents {
  events: AnalyticsEvent[]
  /** Of at most 100 of them. */
  frames: EventFrames[]
  /** There are more than one answer holds: the oldest are left out. */
  truncated: boolean
}

/**
 * The newest events that meet a condition.
 * @param first SQL that is smaller for what has to be there before all that is newer
 */
export async function readNewest(
  store: Store,
  { sql, parameters }: Condition,
  first?: string,
): Promise<StoredEvents> {
  const rows = await store.query<{ raw: string; group: string; frames: string }>(
    `SELECT raw, ${GROUP_OF} AS group, frames FROM events WHERE ${sql}
     ORDER BY ${first ? `${first}, ` : ''}timestamp DESC, event_id DESC LIMIT ${MOST_EVENTS + 1}`,
    parameters,
  )
  const found = rows.slice(0, MOST_EVENTS).map(({ raw, ...row }) => ({
    ...row,
    event: JSON.parse(raw) as AnalyticsEvent,
  }))
  return {
    events: found.map(({ event }) => event),
    frames: found
      .filter(({ event }) => isFault(event))
      .slice(0, MOST_FRAMED)
      .map(({ event, group, frames }) => ({
        event_id: event.event_id,
        group: group || null,
        ...readFrames(event, frames),
      })),
    truncated: rows.length > MOST_EVENTS,
  }
}

/** Since the first of these events. */
export function sinceFirst(events: readonly AnalyticsEvent[], now: number): { from: number; to: number } {
  const first = Math.min(...events.map(({ timestamp }) => Date.parse(timestamp)))
  return { from: Math.min(first, now), to: now + 1 }
}

export function unknown(what: string, id: string): Refusal {
  const shown = id.length > 80 ? `${id.slice(0, 80)}…` : id
  return new Refusal(404, `Nothing is stored of a ${what} ${JSON.stringify(shown.toWellFormed())}.`)
}
