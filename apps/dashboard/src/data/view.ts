import { DAY, HOUR, MINUTE, type Window } from './window.js'

/** The ranges on offer, shortest first. */
export const RANGES: Readonly<Record<string, number>> = {
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '6h': 6 * HOUR,
  '24h': DAY,
  '3d': 3 * DAY,
  '7d': 7 * DAY,
}
/** As the collector's questions have it. */
const DEFAULT_RANGE = '24h'
const SHORTEST = MINUTE

/** Narrow the whole page, under the names that the collector's questions know. */
export const FILTERS = ['site', 'env', 'release', 'flow', 'group', 'user', 'job', 'status', 'q'] as const
export type FilterName = (typeof FILTERS)[number]
export type Filters = Readonly<Partial<Record<FilterName, string>>>

/** What can be looked at in a drawer. */
export const KINDS = ['flow', 'release', 'group', 'request', 'user', 'job'] as const
export type Kind = (typeof KINDS)[number]

/** One drawer: what it is about. */
export interface Subject {
  kind: Kind
  id: string
  /** What a release is compared with; the one before it unless said. */
  against?: string
}

/** Deeper than anybody digs; a longer address is not believed. */
const MOST_DRAWERS = 8

/** What the page shows, as its address says it. */
export interface View {
  filters: Filters
  /** A key of {@link RANGES}; counts where `from` is null. */
  range: string
  /** Milliseconds since the epoch. */
  from: number | null
  /** null: until now, and live. */
  to: number | null
  /** The figures as a table in place of the chart. */
  table: boolean
  /** Drawers over the page, the top one last. */
  drawers: readonly Subject[]
}

function instant(value: string | null): number | null {
  const at = value === null ? Number.NaN : Date.parse(value)
  return Number.isNaN(at) ? null : at
}

function readDrawers(query: URLSearchParams): Subject[] {
  const drawers: Subject[] = []
  for (const [name, value] of query) {
    const top = drawers.at(-1)
    if (name === 'against' && top?.kind === 'release' && value && value !== top.id) top.against = value
    const [kind, id] = name === 'open' ? value.split(/:(.*)/s, 2) : [name, value]
    const known = KINDS.find(each => each === kind)
    // A request is nothing one filters by: to name it is to look at it.
    if (known && id && (name === 'open' || name === 'request')) drawers.push({ kind: known, id })
  }
  return drawers.slice(-MOST_DRAWERS)
}

/** Anything in the address that makes no sense counts as not said. */
export function parseView(search: string): View {
  const query = new URLSearchParams(search)
  const range = query.get('range') ?? ''
  const from = instant(query.get('from'))
  const to = from === null ? null : instant(query.get('to'))
  const backwards = from !== null && to !== null && from >= to
  const given = FILTERS.flatMap(name => {
    const value = query.get(name)
    return value ? [[name, value]] : []
  })
  return {
    filters: Object.fromEntries(given),
    range: Object.hasOwn(RANGES, range) ? range : DEFAULT_RANGE,
    from: backwards ? null : from,
    to: backwards ? null : to,
    table: query.get('figures') === 'table',
    drawers: readDrawers(query),
  }
}

/** The query string of a view, `?` included; what is as usual is left out. */
export function formatView(view: View): string {
  const query = new URLSearchParams()
  for (const name of FILTERS) {
    const value = view.filters[name]
    if (value) query.set(name, value)
  }
  if (view.range !== DEFAULT_RANGE) query.set('range', view.range)
  if (view.from !== null) query.set('from', new Date(view.from).toISOString())
  if (view.from !== null && view.to !== null) query.set('to', new Date(view.to).toISOString())
  if (view.table) query.set('figures', 'table')
  for (const { kind, id, against } of view.drawers) {
    if (kind === 'request') query.append('request', id)
    else query.append('open', `${kind}:${id}`)
    if (against) query.append('against', against)
  }
  // An empty href would name the current address, its query included.
  return `?${query}`
}

/** Windows that last until now end on whole seconds: all who look at the same moment ask the same. */
const GRID = 1000

/** The window of a view at an instant; one that begins now or later is given its shortest length. */
export function windowOf(view: View, instant: number): Window {
  const now = Math.ceil(instant / GRID) * GRID
  if (view.from === null) return { from: now - (RANGES[view.range] ?? DAY), to: now }
  const to = view.to ?? now
  return { from: Math.min(view.from, to - SHORTEST), to }
}

export function isLive(view: View): boolean {
  return view.to === null
}

/** The filters with one of them set, or let go of where `value` is null. */
export function withFilter(filters: Filters, name: FilterName, value: string | null): Filters {
  const { [name]: _, ...others } = filters
  return value ? { ...others, [name]: value } : others
}
