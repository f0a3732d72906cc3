const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formats = new Map<string, Intl.DateTimeFormat>()

/** The page's clock is the verdict's, and says so beside every time: the reader's own is told once. */
const ZONE = 'UTC'

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options)
  let formatter = formats.get(key)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', { hourCycle: 'h23', timeZone: ZONE, ...options })
    formats.set(key, formatter)
  }
  return formatter.format(at)
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
const DATE: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }

function clock(at: number, step: number, zone: Intl.DateTimeFormatOptions = {}): string {
  return format(at, { ...CLOCK, ...(step < MINUTE && { second: '2-digit' }), ...zone })
}

function moment(at: number, step: number, zone: Intl.DateTimeFormatOptions = {}): string {
  return `${format(at, { ...DATE, ...zone })}, ${clock(at, step, zone)}`
}

/** 22 Nov, 03:02 – 04:02; the second date only where it is another. */
function span(from: number, to: number, step: number, zone: Intl.DateTimeFormatOptions = {}): string {
  const sameDay = format(from, { ...DATE, ...zone }) === format(to, { ...DATE, ...zone })
  return `${moment(from, step, zone)} – ${(sameDay ? clock : moment)(to, step, zone)}`
}

/** 03:02 UTC, with seconds where the step is shorter than a minute. */
export function formatClock(at: number, step: number = MINUTE): string {
  return `${clock(at, step)} ${ZONE}`
}

/** 22 Nov, 03:02 UTC */
export function formatMoment(at: number, step: number = MINUTE): string {
  return `${moment(at, step)} ${ZONE}`
}

/** 03:02 UTC, with its date where that is not the one of `now`. */
export function formatSince(at: number, now: number): string {
  return format(at, DATE) === format(now, DATE) ? formatClock(at) : formatMoment(at)
}

/** 22 November 2026, 03:02:11.482 UTC */
export function formatExact(at: number, digits: 0 | 3 = 3): string {
  const date = format(at, { day: 'numeric', month: 'long', year: 'numeric' })
  const time = { ...CLOCK, second: '2-digit', ...(digits && { fractionalSecondDigits: digits }) } as const
  return `${date}, ${format(at, time)} ${ZONE}`
}

/** 22 Nov, 03:02 – 04:02 UTC */
export function formatSpan(from: number, to: number, step: number = MINUTE): string {
  return `${span(from, to, step)} ${ZONE}`
}

/** The same by the reader's own clock: "22 Nov, 04:02 – 05:02 in Europe/Berlin (GMT+1)"; null where that is no other. */
export function formatLocalSpan(from: number, to: number, step: number = MINUTE): string | null {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const local = span(from, to, step, { timeZone })
  if (local === span(from, to, step)) return null
  const offset = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'shortOffset' })
    .formatToParts(to)
    .find(part => part.type === 'timeZoneName')?.value
  return `${local} in ${timeZone} (${offset})`
}

/** "just now", "12 s ago", "3 min ago", "2 h ago", "5 d ago" */
export function formatAgo(at: number, now: number): string {
  const ms = now - at
  if (ms < 2000) return 'just now'
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s ago`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h ago`
  return `${Math.floor(ms / DAY)} d ago`
}

/** A bucket's length in a heading: "minute", "10 seconds", "5 minutes", "hour". */
export function formatStep(ms: number): string {
  const units: [string, number][] = [
    ['day', DAY],
    ['hour', HOUR],
    ['minute', MINUTE],
  ]
  const [name, length] = units.find(([, unit]) => ms >= unit && ms % unit === 0) ?? ['second', 1000]
  const count = ms / length
  return count === 1 ? name : `${count} ${name}s`
}

const TICK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880].map(each => each * MINUTE)

export interface Tick {
  at: number
  label: string
}

/** Round times for an axis in UTC, at most `most` of them and one; midnight bears the date. */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  const step = TICK_STEPS.find(each => (to - from) / each <= most) ?? 7 * DAY
  const ticks: Tick[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    ticks.push({ at, label: at % DAY === 0 ? format(at, DATE) : clock(at, MINUTE) })
  return ticks
}
