import type { Store } from '../store/store.js'
import { changeOf } from './arithmetic/compare.js'
import type { Count } from './arithmetic/usual.js'
import { type Completeness, completeness } from './completeness.js'
import { type Placed, readMarks } from './marks.js'
import { formatOffset, readOffset } from './offset.js'
import { readLimit, readWindow, type Search } from './parameters.js'
import { placeOf, readCounts, readErrors } from './release-figures.js'

export interface Interval {
  /** ISO 8601. */
  from: string
  /** `null` while it serves. */
  to: string | null
}

/** A release in its environment; its times are of all that is stored, its figures of the window. */
export interface Release {
  release: string
  site: string
  environment: string | null
  /** When it came into service first: announced, or seen. */
  first_seen: string
  /** `null`: announced, and not seen yet. */
  last_seen: string | null
  /** Its times in service, the oldest first; a release that returns opens another. */
  intervals: Interval[]
  /** It came back after another one. */
  rollback: boolean
  /** What served until it came last. */
  previous: string | null
  requests: number
  /** Of the requests of all releases, from 0 to 1. */
  share: number
  failures: number
  rate: number
  /** Against `previous`, by how often they are met; all 0 where there is none. */
  errors: { new: number; grown: number; gone: number }
}

export interface ReleaseList extends Completeness {
  /** The one that came last first. */
  items: Release[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
}

/** Which releases served in this window, since when, and how well? */
export async function releases(store: Store, search: Search, now: number): Promise<ReleaseList> {
  const limit = readLimit(search)
  const offset = readOffset(search)
  const window = readWindow(search, now)
  const [marks, counts, errors, certainty] = await Promise.all([
    readMarks(store, search),
    readCounts(store, search, window),
    readErrors(store, search, window),
    completeness(store, search, window, now),
  ])
  const total = [...counts.values()].reduce((sum, { requests }) => sum + requests, 0)
  const isNear = (marks: readonly Placed[], place: string) =>
    counts.has(place) || marks.some(({ at }) => at >= window.from && at < window.to)
  const only = search('release')
  const items = [...gather(marks)]
    .filter(([place, marks]) => isNear(marks, place) && (only === undefined || marks[0]?.release === only))
    .map(([, own]) => describe(own, marks))
    .sort((a, b) => b.came - a.came || a.release.localeCompare(b.release))
    .map(({ came: _, ...release }) => {
      const place = placeOf(release.site, release.environment ?? '', release.release)
      const before = placeOf(release.site, release.environment ?? '', release.previous ?? '')
      const { requests, failures } = counts.get(place) ?? NONE
      return {
        ...release,
        requests: Math.round(requests),
        share: total === 0 ? 0 : requests / total,
        failures: Math.round(failures),
        rate: requests === 0 ? 0 : failures / requests,
        errors:
          release.previous === null
            ? NOTHING_CHANGED
            : countChanges(
                { errors: errors.get(before), requests: counts.get(before)?.requests ?? 0 },
                { errors: errors.get(place), requests },
              ),
      }
    })
  return {
    items: items.slice(offset, offset + limit),
    ...(items.length > offset + limit ? { next: formatOffset(offset + limit) } : {}),
    ...certainty,
  }
}

const NONE: Count = { requests: 0, failures: 0 }
const NOTHING_CHANGED: Release['errors'] = { new: 0, grown: 0, gone: 0 }

function gather(marks: readonly Placed[]): Map<string, Placed[]> {
  const places = new Map<string, Placed[]>()
  for (const mark of marks) {
    const place = placeOf(mark.site, mark.environment, mark.release)
    places.set(place, [...(places.get(place) ?? []), mark])
  }
  return places
}

type Told = Omit<Release, 'requests' | 'share' | 'failures' | 'rate' | 'errors'> & { came: number }

function describe(own: readonly Placed[], all: readonly Placed[]): Told {
  const iso = (at: number) => new Date(at).toISOString()
  const [first, last] = [own[0] as Placed, own.at(-1) as Placed]
  const here = all.filter(({ site, environment }) => site === last.site && environment === last.environment)
  const endOf = (mark: Placed) => {
    const next = here[here.indexOf(mark) + 1]
    if (!next) return null
    return iso(mark === last && mark.until > 0 ? mark.until : next.at)
  }
  return {
    release: last.release,
    site: last.site,
    environment: last.environment || null,
    first_seen: iso(first.at),
    last_seen: last.lastSeen === 0 ? null : iso(last.lastSeen),
    intervals: own.map(mark => ({ from: iso(mark.at), to: endOf(mark) })),
    rollback: own.length > 1,
    previous: last.previous || null,
    came: last.at,
  }
}

interface Met {
  errors: ReadonlyMap<string, number> | undefined
  requests: number
}

function countChanges(a: Met, b: Met): Release['errors'] {
  const sums = { new: 0, grown: 0, same: 0, gone: 0 }
  for (const id of new Set([...(a.errors?.keys() ?? []), ...(b.errors?.keys() ?? [])])) {
    const met = ({ errors, requests }: Met) => ({ count: errors?.get(id) ?? 0, requests })
    sums[changeOf(met(a), met(b))]++
  }
  return { new: sums.new, grown: sums.grown, gone: sums.gone }
}
