import type { Store } from '../../store/store.js'
import type { Candidate } from '../arithmetic/decide.js'
import { type Interval, overlap } from '../arithmetic/overlap.js'
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
  const both = await readOverlap(store, search, mark, window)
  const counts = both ? await countIn(store, search, trouble, mark, both) : new Map<string, Count>()
  const before =
    at < trouble.onset
      ? await countIn(store, search, trouble, mark, { from: at, to: trouble.onset })
      : new Map<string, Count>()
  return {
    release,
    previous,
    at,
    sideBySide: { old: counts.get(previous) ?? NONE, new: counts.get(release) ?? NONE },
    before: before.get(release) ?? NONE,
    overlap: both,
  }
}

const NONE: Count = { requests: 0, failures: 0 }

/** When both releases were seen anywhere in their environment, from the table's own projection. */
async function readOverlap(
  store: Store,
  search: Search,
  mark: Placed,
  { from, to }: Window,
): Promise<Interval | undefined> {
  if (mark.previous === '') return undefined
  const place = readPlace(search)
  const rows = await store.query<{ release: string; first: number; last: number }>(
    `SELECT release, toUnixTimestamp64Milli(min(first)) AS first, toUnixTimestamp64Milli(max(last)) AS last
     FROM (
       SELECT site, environment, release, toStartOfMinute(timestamp) AS minute, min(timestamp) AS first, max(timestamp) AS last
       FROM events
       WHERE toStartOfMinute(timestamp) >= toDateTime({begin:UInt32}) AND toStartOfMinute(timestamp) < toDateTime({end:UInt32})
         AND release IN ({old:String}, {new:String}) AND site = {of_site:String} AND environment = {of_env:String} AND ${place.sql}
       GROUP BY site, environment, release, minute
     )
     GROUP BY release`,
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
  const [old, fresh] = [mark.previous, mark.release].map(name => {
    const row = rows.find(({ release }) => release === name)
    // Minutes are whole: the first one began before the release came.
    return row && { from: Math.max(from, Number(row.first)), to: Number(row.last) + 1 }
  })
  return old && fresh && overlap(old, fresh)
}

/** What the two releases did in a flow in this time. */
async function countIn(
  store: Store,
  search: Search,
  trouble: TroubleFacts,
  { release, previous }: Placed,
  time: Interval,
): Promise<Map<string, Count>> {
  const where = inFlow(search, trouble.flow, time)
  const rows = await store.query<Count & { name: string }>(
    `SELECT release AS name, sum(weight) AS requests, sumIf(weight, ${trouble.failed}) AS failures
     FROM events
     WHERE ${where.sql} AND release IN ({old:String}, {new:String})
     GROUP BY name`,
    { ...where.parameters, old: previous, new: release },
  )
  return new Map(
    rows.map(({ name, requests, failures }) => [
      name,
      { requests: Math.round(Number(requests)), failures: Math.round(Number(failures)) },
    ]),
  )
}
