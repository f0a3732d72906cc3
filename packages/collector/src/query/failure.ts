import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { readPlace } from './filters.js'
import { type Search, since, type Window } from './parameters.js'

/**
 * What a failure is, as conditions on a request in the table `events`: one that ended in 5xx, a broken stream
 * or an exception. They need `from`, the beginning of the window, bound.
 */

/** A fault that shows in the answer. */
export const ENDED_BADLY = "(status >= 500 OR outcome = 'stream_error')"

/** Answered with 4xx; where no fault is behind it, the request was rejected. */
export const ANSWERED_4XX = 'status BETWEEN 400 AND 499'

/** A request's own exceptions that its status may not tell of. One reported by hand is no failure. */
const QUIET_FAULTS = `event = 'exception' AND mechanism IN ('', 'request') AND request_id != '' AND status < 500
  AND ${since('from')}`

/** Such faults are few: they are looked up, not joined to every request. */
export const FAULTED: string = `(
  (site, request_id) IN (SELECT site, request_id FROM events WHERE ${QUIET_FAULTS})
  AND (NOT (${ANSWERED_4XX})
    OR (site, request_id) IN (SELECT site, request_id FROM events WHERE ${QUIET_FAULTS} AND borrowed_status))
)`

export const FAILED: string = `(${ENDED_BADLY} OR ${FAULTED})`

const REJECTED: string = `(${ANSWERED_4XX} AND NOT ${FAILED})`

/**
 * Has this window faults that no status tells of? Where it has none, which is usual, a failure is what ended
 * badly, and nothing need be looked up.
 */
export async function hasQuietFaults(store: Store, search: Search, { from }: Window): Promise<boolean> {
  const place = readPlace(search)
  const found = await store.query(`SELECT 1 FROM events WHERE ${QUIET_FAULTS} AND ${place.sql} LIMIT 1`, {
    ...place.parameters,
    from: moment(from),
  })
  return found.length > 0
}

/** What is a failure in this window, and what a rejection, as SQL that looks up no more than it must. */
export async function tellFailures(
  store: Store,
  search: Search,
  window: Window,
): Promise<{ failed: string; rejected: string }> {
  if (await hasQuietFaults(store, search, window)) return { failed: FAILED, rejected: REJECTED }
  return { failed: ENDED_BADLY, rejected: `(${ANSWERED_4XX} AND NOT ${ENDED_BADLY})` }
}
