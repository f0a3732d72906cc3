import type { Window } from './parameters.js'
import { SLOT, SLOT_TIME } from './slots.js'

const DAY = 86_400_000

/** SQL: whether something is of the same hours of the 7 days before a window, and whether of the day before it. */
export interface PastTimes {
  hours: string
  day: string
}

/**
 * The past that a window is compared with: what of it whole slots hold, what lies beside these, and all of it row by
 * row. Both end where the window begins, to the millisecond. The hours of a part of a day are told in whole slots:
 * they have two ends a day, and each is a place to read.
 * @param days 7, or 1 where no more than the day before is looked at
 */
export function pastTimes(
  { from, to }: Window,
  days: number,
): Record<'slots' | 'beside' | 'rows', PastTimes> {
  const day = before(from, 1)
  if (days === 1)
    return {
      slots: { hours: NEVER, day: day.slots },
      beside: { hours: NEVER, day: day.beside },
      rows: { hours: NEVER, day: day.rows },
    }
  if (to - from >= DAY) {
    const week = before(from, 7)
    return {
      slots: { hours: week.slots, day: day.slots },
      beside: { hours: week.beside, day: day.beside },
      rows: { hours: week.rows, day: day.rows },
    }
  }
  const end = Math.floor(from / SLOT) * SLOT
  const length = Math.min(DAY, Math.ceil((to - end) / SLOT) * SLOT)
  const hours = either(
    Array.from({ length: 7 }, (_, i) => {
      const begin = end - (7 - i) * DAY
      return withinSlots(Math.max(0, begin), begin + length)
    }),
  )
  return {
    slots: { hours, day: day.slots },
    beside: { hours: NEVER, day: day.beside },
    rows: { hours, day: day.rows },
  }
}

/** So many days before a moment. */
function before(to: number, days: number): Record<'slots' | 'beside' | 'rows', string> {
  const from = Math.max(0, to - days * DAY)
  const begin = Math.ceil(from / SLOT) * SLOT
  const end = Math.floor(to / SLOT) * SLOT
  return {
    slots: withinSlots(begin, end),
    beside: either([within(from, begin), within(end, to)]),
    rows: within(from, to),
  }
}

/** What holds of nothing, said so that every server of a cluster reads it alike. */
const NEVER = '0'

export function isEver({ hours, day }: PastTimes): boolean {
  return hours !== NEVER || day !== NEVER
}

function either(conditions: readonly string[]): string {
  const some = conditions.filter(sql => sql !== NEVER)
  return some.length > 1 ? `(${some.join(' OR ')})` : (some[0] ?? NEVER)
}

function within(from: number, to: number): string {
  if (from >= to) return NEVER
  return `(timestamp >= fromUnixTimestamp64Milli(${from}) AND timestamp < fromUnixTimestamp64Milli(${to}))`
}

function withinSlots(from: number, to: number): string {
  if (from >= to) return NEVER
  return `(${SLOT_TIME} >= toDateTime(${from / 1000}) AND ${SLOT_TIME} < toDateTime(${to / 1000}))`
}
