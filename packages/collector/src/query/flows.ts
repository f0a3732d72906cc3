import type { Store } from '../store/store.js'
import { byWeight, findTroubles, isBeyondChance } from './arithmetic/trouble.js'
import { excessOf } from './arithmetic/usual.js'
import { type Completeness, completeness } from './completeness.js'
import { readFilters } from './filters.js'
import { type Calls, type FlowJob, readCalls, readFlowJobs } from './flow-ties.js'
import { tellGroup } from './group-id.js'
import { readHistory } from './groups.js'
import { formatOffset, readOffset } from './offset.js'
import { type Condition, inWindow, readLimit, readWindow, type Search, type Window } from './parameters.js'
import { IS_KNOWN, IS_REQUEST } from './stored.js'
import { FLOW, ofThePast, readFlows, splitFlow, type Track, type Tracks } from './tracks.js'
import { isBroken } from './verdict/investigate.js'

/** Figures are of the window; `null` where unknown, or where it is not broken. */
export interface Flow {
  /** `POST /pay`, as the filter `flow` takes it; `GET` alone for requests without a route. */
  flow: string
  method: string
  route: string
  /** People open it. */
  page: boolean
  requests: number
  failures: number
  rejected: number
  /** From 0 to 1. */
  rate: number
  usual_rate: number
  /** Failures beyond the usual. */
  excess: number
  /** It fails beyond chance, in the window or a part of it. */
  broken: boolean
  /** Whom it failed. */
  users: number
  /** Milliseconds; usual: of the same hours of the day before. */
  p95_ms: number | null
  usual_p95_ms: number | null
  /** Of the trouble that weighs most: its first failure, and the beginning of the first bucket after it. */
  onset: string | null
  recovered_at: string | null
  /** That most failures were met in. */
  release: string | null
  /** The most frequent error. */
  error: { id: string; title: string } | null
  /** Of a page: what those who opened it called next, the most frequent first. */
  calls: Calls[]
  /** What its requests enqueued. */
  jobs: FlowJob[]
}

export interface FlowList extends Completeness {
  /** The most excess first, then the most requests. */
  items: Flow[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
}

const DAY = 86_400_000
/** Of more requests than this the 95th percentile is taken from a share of them. */
const MOST_TIMED = 150_000
const PARTS = 24

/** Which flows fail more than usual, since when, for whom, and what do they call and enqueue? */
export async function flows(store: Store, search: Search, now: number): Promise<FlowList> {
  const limit = readLimit(search)
  const offset = readOffset(search)
  const window = readWindow(search, now)
  const [tracks, groupOf, certainty] = await Promise.all([
    readFlows(store, search, window),
    tellGroup(store),
    completeness(store, search, window, now),
  ])
  const sorted = tracks.items
    .map(track => ({ ...track, excess: excessOf(track, track.usual.rate) }))
    .sort((a, b) => b.excess - a.excess || b.requests - a.requests || a.name.localeCompare(b.name))
  const shown = sorted.slice(offset, offset + limit)
  const total = sorted.reduce((sum, { requests }) => sum + requests, 0)
  const [hits, times, usualTimes, calls, jobs] = await Promise.all([
    readHits(store, search, window, tracks, groupOf),
    readTimes(store, search, window, total),
    readTimes(store, ofThePast(search), dayBefore(window), total),
    readCalls(store, search, window, total),
    readFlowJobs(store, search, window, total),
  ])
  return {
    items: shown.map(track => {
      const hit = hits.get(track.name)
      return {
        flow: track.name.trim(),
        ...splitFlow(track.name),
        page: times.get(track.name)?.page ?? false,
        requests: Math.round(track.requests),
        failures: Math.round(track.failures),
        rejected: Math.round(track.rejected),
        rate: track.requests > 0 ? track.failures / track.requests : 0,
        usual_rate: track.usual.rate,
        excess: track.excess,
        users: hit?.users ?? 0,
        p95_ms: times.get(track.name)?.p95 ?? null,
        usual_p95_ms: usualTimes.get(track.name)?.p95 ?? null,
        ...troubleOf(track, tracks, hit),
        error: hit?.error ?? null,
        calls: calls.get(track.name) ?? [],
        jobs: jobs.get(track.name) ?? [],
      }
    }),
    ...(sorted.length > offset + limit ? { next: formatOffset(offset + limit) } : {}),
    ...certainty,
  }
}

function dayBefore({ from, to }: Window): Window {
  return { from: Math.max(0, from - DAY), to: Math.max(1, Math.min(from, to - DAY)) }
}

type Told = Pick<Flow, 'broken' | 'onset' | 'recovered_at' | 'release'>

function troubleOf(track: Track, { items, grid, step }: Tracks, hit: Hit | undefined): Told {
  const [trouble] = findTroubles(track.buckets, track.usual, items.length).sort(byWeight)
  const count = { users: hit?.users ?? 0, failures: track.failures }
  const broken =
    isBroken(count) && (trouble !== undefined || isBeyondChance(track, track.usual, items.length))
  if (!broken || !trouble) return { broken, onset: null, recovered_at: null, release: null }
  const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString())
  return {
    broken,
    onset: iso(hit?.firsts.find(at => at >= (grid[trouble.first] ?? 0))),
    recovered_at: trouble.recovered ? iso((grid[trouble.last] ?? 0) + step) : null,
    release: hit?.release ?? null,
  }
}

interface Hit {
  users: number
  release: string | null
  error: { id: string; title: string } | null
  /** The first failure of each bucket that has any, milliseconds since the epoch. */
  firsts: number[]
}

/** Whom each flow failed, when first, in which release, and by which error. */
async function readHits(
  store: Store,
  search: Search,
  window: Window,
  { failed, step }: Tracks,
  groupOf: string,
): Promise<Map<string, Hit>> {
  const within = inWindow(window)
  const condition = (subject: 'request' | 'exception'): Condition => {
    const filters = readFilters(search, subject, window)
    return {
      sql: `${within.sql} AND ${filters.sql}`,
      parameters: { ...within.parameters, ...filters.parameters },
    }
  }
  const [requests, exceptions] = [condition('request'), condition('exception')]
  const readErrors = async () => {
    const errors = await store.query<{ name: string; id: string }>(
      `SELECT ${FLOW} AS name, ${groupOf} AS id, sum(1 + toUInt64(repeated)) AS hits
       FROM events WHERE event = 'exception' AND mechanism IN ('', 'request') AND group_id != '' AND ${exceptions.sql}
       GROUP BY name, id ORDER BY hits DESC, id LIMIT 1 BY name`,
      exceptions.parameters,
    )
    const history = await readHistory(store, [...new Set(errors.map(({ id }) => id))], groupOf)
    return new Map(errors.map(({ name, id }) => [name, { id, title: history.get(id)?.said ?? id }]))
  }
  const [errors, found] = await Promise.all([
    readErrors(),
    store.query<{ name: string; people: number; top: string; firsts: number[] }>(
      `SELECT ${FLOW} AS name, uniqExactIf(who, ${IS_KNOWN}) AS people, topK(1)(release)[1] AS top,
         minMap([intDiv(${AT}, {step:UInt64})], [${AT}]).2 AS firsts
       FROM events WHERE ${IS_REQUEST} AND ${failed} AND ${requests.sql} GROUP BY name`,
      { ...requests.parameters, step },
    ),
  ])
  return new Map(
    found.map(({ name, people, top, firsts }) => [
      name,
      {
        users: Number(people),
        release: top || null,
        error: errors.get(name) ?? null,
        firsts: firsts.map(Number),
      },
    ]),
  )
}

const AT = 'toUnixTimestamp64Milli(timestamp)'

/** How long the slowest twentieth took at least, and whether people open it. */
async function readTimes(
  store: Store,
  search: Search,
  window: Window,
  total: number,
): Promise<Map<string, { p95: number | null; page: boolean }>> {
  const within = inWindow(window)
  const filters = readFilters(search, 'request', window)
  // Of each part of the window the beginning: what lies between is not even read.
  const part = Math.max(1, Math.ceil((window.to - window.from) / PARTS))
  const rows = await store.query<{ name: string; p95: number | null; pages: number }>(
    `SELECT ${FLOW} AS name, quantileTDigest(0.95)(duration) AS p95, max(navigation) AS pages FROM events
     WHERE ${IS_REQUEST} AND ${within.sql} AND ${filters.sql}
       AND (toUnixTimestamp64Milli(timestamp) - {begin:Int64}) % {part:Int64} < {timed:Int64}
     GROUP BY name`,
    {
      ...within.parameters,
      ...filters.parameters,
      begin: window.from,
      part,
      timed: Math.ceil(part * Math.min(1, MOST_TIMED / Math.max(1, total))),
    },
  )
  return new Map(
    rows.map(({ name, p95, pages }) => [
      name,
      { p95: p95 === null ? null : Math.round(Number(p95) * 100) / 100, page: Number(pages) > 0 },
    ]),
  )
}
