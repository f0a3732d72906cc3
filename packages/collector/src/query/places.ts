import type { Store } from '../store/store.js'
import { readPlace } from './filters.js'
import { readMarks } from './marks.js'
import type { Search } from './parameters.js'

/** Where something happens: an environment of a site. */
export interface Place {
  site: string
  environment: string | null
  /** Its newest event, ISO 8601; `null`: a release was announced, and nothing is stored yet. */
  last_seen: string | null
  /** The release that came last, and when; `null` where none is told. */
  deploy: { release: string; at: string } | null
}

export interface PlaceList {
  /** In alphabetical order. */
  items: Place[]
  as_of: string
}

/**
 * Which sites and environments are there, and what was deployed there last? Of all that is stored: it comes from the
 * table's own projection, and takes no window.
 */
export async function places(store: Store, search: Search, now: number): Promise<PlaceList> {
  const where = readPlace(search)
  const [seen, marks] = await Promise.all([
    store.query<{ site: string; environment: string; last: number }>(
      `SELECT site, environment, toUnixTimestamp64Milli(max(timestamp)) AS last FROM events
       WHERE ${where.sql} GROUP BY site, environment`,
      where.parameters,
    ),
    readMarks(store, search),
  ])
  const found = new Map<string, Place>()
  const at = (site: string, environment: string): Place => {
    const key = JSON.stringify([site, environment])
    const place = found.get(key) ?? {
      site,
      environment: environment || null,
      last_seen: null,
      deploy: null,
    }
    found.set(key, place)
    return place
  }
  for (const { site, environment, last } of seen)
    at(site, environment).last_seen = new Date(Number(last)).toISOString()
  // The oldest comes first, the newest stays.
  for (const mark of marks)
    at(mark.site, mark.environment).deploy = {
      release: mark.release,
      at: new Date(mark.at).toISOString(),
    }
  const items = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place)
  return { items, as_of: new Date(now).toISOString() }
}
