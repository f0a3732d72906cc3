import { BY_PROJECTION } from '../store/schema.js'
import type { Store } from '../store/store.js'
import type { Search, Window } from './parameters.js'

/** A release that was absent for longer than this had been taken out of service, milliseconds. */
const ABSENCE = 60_000

/** The moment a release came into service. */
export interface Mark {
  /** ISO 8601. */
  at: string
  release: string
  environment: string | null
}

/** A moment at which a release may have come into service: it was announced, or seen after an absence. */
export interface Arrival {
  at: number
  /** When it was seen last before the next absence; 0: it was announced, and that is all. */
  until: number
  site: string
  environment: string
  release: string
  announced: boolean
}

/**
 * One mark a release's time in service, oldest first, with when it was seen last in it. While two
 * releases serve side by side both are seen all along; only one that returns after an absence, with
 * another's mark between, opens a new interval, and a straggler does not. A pipeline that announces a
 * release when it is rolled out speaks of one that serves already.
 */
export function placeMarks(arrivals: readonly Arrival[]): Arrival[] {
  const places = new Map<string, { current: Arrival | undefined; seen: Map<string, number> }>()
  const marks: Arrival[] = []
  for (const arrival of arrivals.toSorted(
    (a, b) => a.at - b.at || Number(b.announced) - Number(a.announced),
  )) {
    const name = `${arrival.site}\n${arrival.environment}`
    const place = places.get(name) ?? { current: undefined, seen: new Map<string, number>() }
    places.set(name, place)
    const { current, seen } = place
    const last = seen.get(arrival.release) ?? 0
    if (current?.release === arrival.release) {
      current.announced ||= arrival.announced
      current.until = Math.max(current.until, arrival.until)
    } else if (!isStraggler(arrival, seen)) {
      place.current = { ...arrival, until: last > arrival.at ? last : arrival.until }
      marks.push(place.current)
    }
    seen.set(arrival.release, Math.max(arrival.until, last))
  }
  return marks
}

/** It was there before, and is seen for a minute at most, while another serves that goes on after it. */
function isStraggler({ release, at, until, announced }: Arrival, seen: ReadonlyMap<string, number>): boolean {
  if (announced || !seen.has(release) || until - at > ABSENCE) return false
  return [...seen].some(([other, last]) => other !== release && last > until)
}

/** Seen minutes come from the table's own projection, not from its rows. */
const ARRIVALS = `
SELECT toUnixTimestamp64Milli(first) AS at, toUnixTimestamp64Milli(leadInFrame(seen_before, 1, seen_last) OVER (
    PARTITION BY site, environment, release ORDER BY minute
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
  )) AS until, site, environment, release, false AS announced
FROM (
  SELECT site, environment, release, minute, first, max(last) OVER releases AS seen_last,
    lagInFrame(last, 1, toDateTime64(0, 3, 'UTC')) OVER releases AS seen_before
  FROM (
    SELECT site, environment, release, toStartOfMinute(timestamp) AS minute,
      min(timestamp) AS first, max(timestamp) AS last
    FROM events
    GROUP BY site, environment, release, minute
  )
  WHERE release != '' AND ({site:String} = '' OR site = {site:String}) AND ({env:String} = '' OR environment = {env:String})
  WINDOW releases AS (
    PARTITION BY site, environment, release ORDER BY minute
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
  )
)
WHERE toUnixTimestamp64Milli(first) - toUnixTimestamp64Milli(seen_before) > ${ABSENCE}
UNION ALL
SELECT toUnixTimestamp64Milli(at) AS at, 0 AS until, site, environment, release, true AS announced
FROM marks
WHERE ({site:String} = '' OR site = {site:String}) AND ({env:String} = '' OR environment = {env:String})
${BY_PROJECTION}`

/** A release's coming into service, and what had served there until then. */
export interface Placed extends Arrival {
  /** `''`: it is the first that is known of. */
  previous: string
  /** Of all that is stored, in service or a straggler; 0: never. */
  lastSeen: number
}

/** Every mark there is of a site and an environment, or of all, the oldest first. */
export async function readMarks(store: Store, search: Search): Promise<Placed[]> {
  const rows = await store.query<Arrival>(ARRIVALS, {
    site: search('site') ?? '',
    env: search('env') ?? '',
  })
  const arrivals = rows.map(row => ({ ...row, at: Number(row.at), until: Number(row.until) }))
  const nameOf = ({ site, environment, release }: Arrival) => `${site}\n${environment}\n${release}`
  const lastSeen = new Map<string, number>()
  for (const arrival of arrivals)
    lastSeen.set(nameOf(arrival), Math.max(arrival.until, lastSeen.get(nameOf(arrival)) ?? 0))
  const current = new Map<string, string>()
  return placeMarks(arrivals).map(mark => {
    const place = `${mark.site}\n${mark.environment}`
    const previous = current.get(place) ?? ''
    current.set(place, mark.release)
    return { ...mark, previous, lastSeen: lastSeen.get(nameOf(mark)) ?? 0 }
  })
}

/** Which releases came into service in this window? */
export async function marks(store: Store, search: Search, window: Window): Promise<Mark[]> {
  const placed = await readMarks(store, search)
  return placed
    .filter(mark => mark.at >= window.from && mark.at < window.to)
    .map(({ at, release, environment }) => ({
      at: new Date(at).toISOString(),
      release,
      environment: environment === '' ? null : environment,
    }))
}
