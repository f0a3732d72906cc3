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
  site: string
  environment: string
  release: string
  announced: boolean
}

/**
 * One mark a release's time in service, oldest first. While two releases serve side by side both are
 * seen all along; only one that returns after an absence, with another's mark between, opens a new
 * interval. A pipeline that announces a release when it is rolled out speaks of one that serves already.
 */
export function placeMarks(arrivals: readonly Arrival[]): Arrival[] {
  const current = new Map<string, Arrival>()
  const marks: Arrival[] = []
  for (const arrival of arrivals.toSorted(
    (a, b) => a.at - b.at || Number(b.announced) - Number(a.announced),
  )) {
    const place = `${arrival.site}\n${arrival.environment}`
    const last = current.get(place)
    if (last?.release === arrival.release) {
      if (arrival.announced && !last.announced) {
        const announced = { ...last, announced: true }
        marks[marks.indexOf(last)] = announced
        current.set(place, announced)
      }
    } else {
      marks.push(arrival)
      current.set(place, arrival)
    }
  }
  return marks
}

/** Seen minutes come from the table's own projection, not from its rows. */
const ARRIVALS = `
SELECT toUnixTimestamp64Milli(first) AS at, site, environment, release, false AS announced
FROM (
  SELECT site, environment, release, first,
    lagInFrame(last, 1, toDateTime64(0, 3, 'UTC')) OVER (
      PARTITION BY site, environment, release ORDER BY minute
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS seen_before
  FROM (
    SELECT site, environment, release, toStartOfMinute(timestamp) AS minute,
      min(timestamp) AS first, max(timestamp) AS last
    FROM events
    GROUP BY site, environment, release, minute
  )
  WHERE release != '' AND ({site:String} = '' OR site = {site:String}) AND ({env:String} = '' OR environment = {env:String})
)
WHERE toUnixTimestamp64Milli(first) - toUnixTimestamp64Milli(seen_before) > ${ABSENCE}
UNION ALL
SELECT toUnixTimestamp64Milli(at) AS at, site, environment, release, true AS announced
FROM marks
WHERE ({site:String} = '' OR site = {site:String}) AND ({env:String} = '' OR environment = {env:String})`

/** A release's coming into service, and what had served there until then. */
export interface Placed extends Arrival {
  /** `''`: it is the first that is known of. */
  previous: string
}

/** Every mark there is of a site and an environment, or of all, the oldest first. */
export async function readMarks(store: Store, search: Search): Promise<Placed[]> {
  const arrivals = await store.query<Arrival>(ARRIVALS, {
    site: search('site') ?? '',
    env: search('env') ?? '',
  })
  const current = new Map<string, string>()
  return placeMarks(arrivals.map(each => ({ ...each, at: Number(each.at) }))).map(mark => {
    const place = `${mark.site}\n${mark.environment}`
    const previous = current.get(place) ?? ''
    current.set(place, mark.release)
    return { ...mark, previous }
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
