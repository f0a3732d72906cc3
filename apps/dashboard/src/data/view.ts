const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The ranges on offer, shortest first. */
export const RANGES: Readonly<Record<string, number>> = {
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '6h': 6 * HOUR,
  '24h': DAY,
  '3d': 3 * DAY,
  '7d': 7 * DAY,
}
const DEFAULT_RANGE = '1h'
const SHORTEST = MINUTE
const LONGEST = 7 * DAY

/** What the page shows, as its address says it. */
export interface View {
  site: string | null
  env: string | null
  /** A key of {@link RANGES}; counts where `from` is null. */
  range: string
  /** Milliseconds since the epoch. */
  from: number | null
  /** null: until now, and live. */
  to: number | null
  /** The figures as a table in place of the chart. */
  table: boolean
}

/** From and to, milliseconds since the epoch. */
export interface Window {
  from: number
  to: number
}

function instant(value: string | null): number | null {
  const at = value === null ? Number.NaN : Date.parse(value)
  return Number.isNaN(at) ? null : at
}

/** Anything in the address that makes no sense counts as not said. */
export function parseView(search: string): View {
  const query = new URLSearchParams(search)
  const range = query.get('range') ?? ''
  const from = instant(query.get('from'))
  const to = from === null ? null : instant(query.get('to'))
  const backwards = from !== null && to !== null && from >= to
  return {
    site: query.get('site') || null,
    env: query.get('env') || null,
    range: Object.hasOwn(RANGES, range) ? range : DEFAULT_RANGE,
    from: backwards ? null : from,
    to: backwards ? null : to,
    table: query.get('figures') === 'table',
  }
}

/** The query string of a view, `?` included; what is as usual is left out. */
export function formatView(view: View): string {
  const query = new URLSearchParams()
  if (view.site) query.set('site', view.site)
  if (view.env) query.set('env', view.env)
  if (view.range !== DEFAULT_RANGE) query.set('range', view.range)
  if (view.from !== null) query.set('from', new Date(view.from).toISOString())
  if (view.from !== null && view.to !== null) query.set('to', new Date(view.to).toISOString())
  if (view.table) query.set('figures', 'table')
  // An empty href would name the current address, its query included.
  return `?${query}`
}

/** The window of a view at an instant; one that begins now or later is given its shortest length. */
export function windowOf(view: View, now: number): Window {
  if (view.from === null) return { from: now - (RANGES[view.range] ?? HOUR), to: now }
  const to = view.to ?? now
  return { from: Math.min(view.from, to - SHORTEST), to }
}

const SECOND = 1000
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(count => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(count => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map(count => count * HOUR),
]

/** The finest usual length of a bucket, in milliseconds, of which at most `most` make up the window. */
export function stepFor(window: Window, most: number): number {
  const length = window.to - window.from
  return STEPS.find(step => length / step <= most) ?? Math.ceil(length / most / DAY) * DAY
}

export function isLive(view: View): boolean {
  return view.to === null
}

/** The window `factor` times as long around a centre, never in the future, from a minute to 7 days. */
export function zoom(window: Window, centre: number, factor: number, now: number): Window {
  const length = Math.min(Math.max((window.to - window.from) * factor, SHORTEST), LONGEST)
  const to = Math.min(centre + length / 2, now)
  return { from: Math.round(to - length), to: Math.round(to) }
}
