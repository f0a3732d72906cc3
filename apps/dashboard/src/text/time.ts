const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formats = new Map<string, Intl.DateTimeFormat>()

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options)
  let formatter = formats.get(key)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', { hourCycle: 'h23', ...options })
    formats.set(key, formatter)
  }
  return formatter.format(at)
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
const DATE: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }

/** 03:02, with seconds where the step is shorter than a minute. */
export function formatClock(at: number, step: number = MINUTE): string {
  return format(at, step < MINUTE ? { ...CLOCK, second: '2-digit' } : CLOCK)
}

/** 22 Nov, 03:02 */
export function formatMoment(at: number, step: number = MINUTE): string {
  return `${format(at, DATE)}, ${formatClock(at, step)}`
}

/** 22 November 2026, 03:02:11.482 */
export function formatExact(at: number): string {
  const date = format(at, { day: 'numeric', month: 'long', year: 'numeric' })
  return `${date}, ${format(at, { ...CLOCK, second: '2-digit', fractionalSecondDigits: 3 })}`
}

/** 22 Nov, 03:02 – 04:02; the second date only where it is another. */
export function formatSpan(from: number, to: number, step: number = MINUTE): string {
  const sameDay = format(from, DATE) === format(to, DATE)
  return `${formatMoment(from, step)} – ${sameDay ? formatClock(to, step) : formatMoment(to, step)}`
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

/** Europe/Berlin (GMT+1): whose clock the page shows. */
export function timeZone(at: number): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const offset = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'shortOffset' })
    .formatToParts(at)
    .find(part => part.type === 'timeZoneName')?.value
  return offset && offset !== zone ? `${zone} (${offset})` : zone
}

const TICK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880].map(each => each * MINUTE)

export interface Tick {
  at: number
  label: string
}

/** Round local times for an axis, at most `most` of them; midnight bears the date. */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  const step = TICK_STEPS.find(each => (to - from) / each <= most) ?? 7 * DAY
  const start = new Date(from)
  const ticks: Tick[] = []
  // Counting in local minutes from midnight keeps round hours round across a change of clocks.
  for (let count = 0; ; count++) {
    const tick = new Date(start.getFullYear(), start.getMonth(), start.getDate(), 0, (count * step) / MINUTE)
    const at = tick.getTime()
    if (!(at <= to)) return ticks
    const midnight = tick.getHours() === 0 && tick.getMinutes() === 0
    if (at >= from) ticks.push({ at, label: midnight ? format(at, DATE) : formatClock(at) })
  }
}
