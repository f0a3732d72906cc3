import type { Store } from '../../store/store.js'
import type { Candidate } from '../arithmetic/decide.js'
import { type Interval, overlaps, type Sight } from '../arithmetic/overlap.js'
import type { Count } from '../arithmetic/usual.js'
import { readPlace } from '../filters.js'
import { type Placed, readMarks } from '../marks.js'
import type { Search, Window } from '../parameters.js'
import { inFlow, type TroubleFacts } from './trouble-facts.js'

/** How long before the onset a release may have come to be a suspect. */
const NEAR = 48 * 3_600_000
const MOST_CANDIDATES = 5

/** A suspect release, when both it and the one before it served, and what they did. */
export interface ComparedCandidate extends Candidate {
  overlap: Interval | undefined
}

/**
 * The releases that came into service near the onset, the latest first: what they did in the flow beside the one
 * before them, and before the onset. The first release that is known of replaced none, and is no suspect unless
 * it was announced; one that serves other flows alone is none.
 */
export async function readCandidates(
  store: Store,
  search: Search,
  window: Window,
  step: number,
  trouble: TroubleFacts,
): Promise<ComparedCandidate[]> {
  const everywhere: Search = name => (name === 'release' ? undefined : search(name))
  const marks = await readMarks(store, search)
  const near = marks
    .filter(({ at, previous, announced }) => {
      const isKnown = previous !== '' || announced
      return isKnown && at >= trouble.onset - NEAR && at < trouble.onset + step
    })
    .reverse()
  if (near.length === 0) return []
  const served = await readServed(store, everywhere, trouble)
  const all = near.filter(({ release, announced }) => served.has(release) || (announced && served.size === 0))
  const latest = all.filter(({ release }, i) => all.findIndex(other => other.release === release) === i)
  return Promise.all(
    latest
      .slice(0, MOST_CANDIDATES)
      .map(mark => compare(store, everywhere, { from: mark.at, to: window.to }, mark, trouble)),
  )
}

/** The releases that served the flow since the onset. */
async function readServed(store: Store, search: Search, trouble: TroubleFacts): Promise<Set<string>> {
  const where = inFlow(search, trouble.flow, { from: trouble.onset, to: trouble.end })
  const rows = await store.query<{ release: string }>(
    `SELECT DISTINCT release FROM events WHERE ${where.sql} AND release != ''`,
    where.parameters,
  )
  return new Set(rows.map(({ release }) => release))
}

async function compare(
  store: Store,
  search: Search,
  window: Window,
  mark: Placed,
  trouble: TroubleFacts,
): Promise<ComparedCandidate> {
  const { release, previous, at } = mark
  const both = await readOverlaps(store, search, mark, window)
  const counts =
    previous === '' ? new Map<string, Count>() : await countIn(store, search, trouble, mark, both)
  const before =
    at < trouble.onset
      ? await countIn(store, search, trouble, mark, [{ from: at, to: trouble.onset }])
      : new Map<string, Count>()
  const [first, last] = [both[0], both.at(-1)]
  return {
    release,
    previous,
    at,
    sideBySide: { old: counts.get(previous) ?? NONE, new: counts.get(release) ?? NONE },
    before: before.get(release) ?? NONE,
    overlap: first && last && { from: first.from, to: last.to },
  }
}

const NONE: Count = { requests: 0, failures: 0 }

/** When both releases were seen anywhere in their environment, from the table's own projection. */
async function readOverlaps(
  store: Store,
  search: Search,
  mark: Placed,
  { from, to }: Window,
): Promise<Interval[]> {
  if (mark.previous === '') return []
  const place = readPlace(search)
  const rows = await store.query<Sight & { release: string }>(
    `SELECT release, toUnixTimestamp(minute) * 1000 AS minute,
       toUnixTimestamp64Milli(first) AS first, toUnixTimestamp64Milli(last) AS last
     FROM (
       SELECT site, environment, release, toStartOfMinute(timestamp) AS minute, min(timestamp) AS first, max(timestamp) AS last
       FROM events
       WHERE toStartOfMinute(timestamp) >= toDateTime({begin:UInt32}) AND toStartOfMinute(timestamp) < toDateTime({end:UInt32})
         AND release IN ({old:String}, {new:String}) AND site = {of_site:String} AND environment = {of_env:String} AND ${place.sql}
       GROUP BY site, environment, release, minute
     )`,
    {
      ...place.parameters,
      begin: Math.floor(from / 60_000) * 60,
      end: Math.ceil(to / 60_000) * 60,
      old: mark.previous,
      new: mark.release,
      of_site: mark.site,
      of_env: mark.environment,
    },
  )
  const of = (release: string): Sight[] =>
    rows
      .filter(row => row.release === release)
      .map(({ minute, first, last }) => ({
        minute: Number(minute),
        first: Number(first),
        last: Number(last),
      }))
  return overlaps(of(mark.previous), of(mark.release))
}

/** What the two releases did in a flow in these intervals. */
async function countIn(
  store: Store,
  search: Search,
  trouble: TroubleFacts,
  { release, previous }: Placed,
  intervals: readonly Interval[],
): Promise<Map<string, Count>> {
  const [first, last] = [intervals[0], intervals.at(-1)]
  if (!first || !last) return new Map()
  const where = inFlow(search, trouble.flow, { from: first.from, to: last.to })
  const rows = await store.query<Count & { name: string }>(
    `SELECT release AS name, sum(weight) AS requests, sumIf(weight, ${trouble.failed}) AS failures
     FROM events
     WHERE ${where.sql} AND release IN ({old:String}, {new:String}) AND arrayExists(
       (begin, end) -> toUnixTimestamp64Milli(timestamp) >= toInt64(begin) AND toUnixTimestamp64Milli(timestamp) < toInt64(end),
       {begins:Array(String)}, {ends:Array(String)})
     GROUP BY name`,
    {
      ...where.parameters,
      old: previous,
      new: release,
      begins: intervals.map(({ from }) => String(from)),
      ends: intervals.map(({ to }) => String(to)),
    },
  )
  return new Map(
    rows.map(({ name, requests, failures }) => [
      name,
      { requests: Math.round(Number(requests)), failures: Math.round(Number(failures)) },
    ]),
  )
}
