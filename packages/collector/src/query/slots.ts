import { moment } from '../store/schema.js'
import { type Condition, receivedSince, type Window } from './parameters.js'

/** What rates are made of lies ready added up in the table's projection `slots`, in steps of so many milliseconds. */
export const SLOT = 300_000

/** The one expression under which the projection is found. */
export const SLOT_TIME = 'toStartOfFiveMinutes(timestamp)'

/** Needs {@link slotsWithin} bound; so does {@link BESIDE_SLOTS}. */
export const IN_SLOTS: string = `${SLOT_TIME} >= toDateTime({slots_from:DateTime64(3, 'UTC')})
  AND ${SLOT_TIME} < toDateTime({slots_to:DateTime64(3, 'UTC')}) AND ${receivedSince('slots_from')}`

/** The window's edges, which no whole slot covers. */
export const BESIDE_SLOTS =
  "(timestamp < {slots_from:DateTime64(3, 'UTC')} OR timestamp >= {slots_to:DateTime64(3, 'UTC')})"

/** The whole slots of a window; undefined where it has none. */
export function slotsWithin(window: Window): Condition['parameters'] | undefined {
  const from = Math.ceil(window.from / SLOT) * SLOT
  const to = Math.floor(window.to / SLOT) * SLOT
  return from < to ? { slots_from: moment(from), slots_to: moment(to) } : undefined
}
