import type { Store } from '../store/store.js'
import { type Change, changeOf, per1000 } from './arithmetic/compare.js'
import { type Completeness, completeness } from './completeness.js'
import { tellGroup } from './group-id.js'
import { readHistory } from './groups.js'
import { expected, readWindow, type Search } from './parameters.js'
import { readCounts, readErrors } from './release-figures.js'

/** What one release did in the window. */
export interface Side {
  release: string
  requests: number
  failures: number
  /** From 0 to 1. */
  rate: number
}

export interface Rate {
  count: number
  /** Per 1,000 requests of the release. */
  per_1000: number
}

export interface GroupRate {
  id: string
  title: string
  exception_type: string
  culprit: string
  a: Rate
  b: Rate
}

/** Each list has the most frequent first. */
export interface Comparison extends Completeness, Record<Change, GroupRate[]> {
  a: Side
  b: Side
}

/** What changed from release `a` to release `b`: which errors are new, grown, the same and gone? */
export async function compare(store: Store, search: Search, now: number): Promise<Comparison> {
  const names = { a: readName(search, 'a'), b: readName(search, 'b') }
  const window = readWindow(search, now)
  // The two are named already: the filter for one would leave out the other.
  const both: Search = name => (name === 'release' ? undefined : search(name))
  const [counts, errors, certainty] = await Promise.all([
    readCounts(store, both, window),
    readErrors(store, both, window),
    completeness(store, search, window, now),
  ])
  const sideOf = (release: string): Side => {
    const own = [...counts].filter(([place]) => isOf(place, release)).map(([, count]) => count)
    const sum = (of: 'requests' | 'failures') => own.reduce((sum, count) => sum + count[of], 0)
    const [requests, failures] = [sum('requests'), sum('failures')]
    return {
      release,
      requests: Math.round(requests),
      failures: Math.round(failures),
      rate: requests === 0 ? 0 : failures / requests,
    }
  }
  const met = (release: string, id: string) =>
    [...errors]
      .filter(([place]) => isOf(place, release))
      .reduce((sum, [, groups]) => sum + (groups.get(id) ?? 0), 0)
  const [a, b] = [sideOf(names.a), sideOf(names.b)]
  const ids = [...errors]
    .filter(([place]) => isOf(place, names.a) || isOf(place, names.b))
    .flatMap(([, groups]) => [...groups.keys()])
  const unique = [...new Set(ids)]
  const history = await readHistory(store, unique, await tellGroup(store))
  const lists: Record<Change, GroupRate[]> = { new: [], grown: [], same: [], gone: [] }
  for (const id of unique) {
    const [inA, inB] = [a, b].map(({ release, requests }) => ({ count: met(release, id), requests })) as [
      { count: number; requests: number },
      { count: number; requests: number },
    ]
    const known = history.get(id)
    lists[changeOf(inA, inB)].push({
      id,
      title: known?.said ?? id,
      exception_type: known?.type ?? '',
      culprit: known?.place ?? '',
      a: { count: inA.count, per_1000: per1000(inA) },
      b: { count: inB.count, per_1000: per1000(inB) },
    })
  }
  for (const list of Object.values(lists))
    list.sort((x, y) => y.b.count - x.b.count || y.a.count - x.a.count || x.id.localeCompare(y.id))
  return { a, b, ...lists, ...certainty }
}

function isOf(place: string, release: string): boolean {
  return place.endsWith(`\n${release}`)
}

function readName(search: Search, name: 'a' | 'b'): string {
  const value = search(name)
  if (value === undefined) throw expected(name, 'a release', '')
  return value
}
