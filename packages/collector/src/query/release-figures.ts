import { BY_PROJECTION } from '../store/schema.js'
import type { Store } from '../store/store.js'
import type { Count } from './arithmetic/usual.js'
import { ENDED_BADLY, FAULTED, hasQuietFaults } from './failure.js'
import { readFilters } from './filters.js'
import { tellGroup } from './group-id.js'
import { inWindow, type Search, type Window } from './parameters.js'
import { BESIDE_SLOTS, IN_SLOTS, slotsWithin } from './slots.js'
import { IS_FAULT, IS_REQUEST } from './stored.js'

/** A release in its place: the same name may serve elsewhere. */
export function placeOf(site: string, environment: string, release: string): string {
  return `${site}\n${environment}\n${release}`
}

/** What each release did in the window, by its place. */
export async function readCounts(store: Store, search: Search, window: Window): Promise<Map<string, Count>> {
  const within = inWindow(window)
  const filters = readFilters(search, 'request', window)
  const slots = slotsWithin(window)
  const parameters = { ...filters.parameters, ...within.parameters, ...slots }
  const read = (condition: string, requests = 'sum(weight)', failures = `sumIf(weight, ${ENDED_BADLY})`) =>
    store.query<Count & { site: string; environment: string; release: string }>(
      `SELECT site, environment, release, ${requests} AS requests, ${failures} AS failures FROM events
       WHERE ${IS_REQUEST} AND release != '' AND ${filters.sql} AND ${condition}
       GROUP BY site, environment, release ${BY_PROJECTION}`,
      parameters,
    )
  const rows = await Promise.all([
    ...(slots ? [read(IN_SLOTS), read(`${within.sql} AND ${BESIDE_SLOTS}`)] : [read(within.sql)]),
    ...((await hasQuietFaults(store, search, window))
      ? [read(`${within.sql} AND NOT ${ENDED_BADLY} AND ${FAULTED}`, '0', 'sum(weight)')]
      : []),
  ])
  const counts = new Map<string, Count>()
  for (const { site, environment, release, requests, failures } of rows.flat()) {
    const place = placeOf(site, environment, release)
    const known = counts.get(place) ?? { requests: 0, failures: 0 }
    counts.set(place, {
      requests: known.requests + Number(requests),
      failures: known.failures + Number(failures),
    })
  }
  return counts
}

/** How often each error group was met in each release of the window: by place, then by group. */
export async function readErrors(
  store: Store,
  search: Search,
  window: Window,
): Promise<Map<string, Map<string, number>>> {
  const within = inWindow(window)
  const filters = readFilters(search, 'event', window)
  const rows = await store.query<{
    site: string
    environment: string
    release: string
    id: string
    hits: number
  }>(
    `SELECT site, environment, release, ${await tellGroup(store)} AS id, sum(1 + toUInt64(repeated)) AS hits FROM events
     WHERE ${IS_FAULT} AND group_id != '' AND release != '' AND ${within.sql} AND ${filters.sql}
     GROUP BY site, environment, release, id`,
    { ...filters.parameters, ...within.parameters },
  )
  const errors = new Map<string, Map<string, number>>()
  for (const { site, environment, release, id, hits } of rows) {
    const place = placeOf(site, environment, release)
    const groups = errors.get(place) ?? new Map<string, number>()
    errors.set(place, groups.set(id, Number(hits)))
  }
  return errors
}
