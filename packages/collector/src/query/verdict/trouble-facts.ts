import { moment } from '../../store/schema.js'
import type { Store } from '../../store/store.js'
import type { GroupCount } from '../arithmetic/decide.js'
import type { Trouble } from '../arithmetic/trouble.js'
import { type Count, excessOf } from '../arithmetic/usual.js'
import { readFilters } from '../filters.js'
import { readHistory } from '../groups.js'
import { type Condition, IN_WINDOW, inWindow, type Search, type Window } from '../parameters.js'
import { IS_KNOWN, IS_REQUEST } from '../stored.js'
import { ofThePast, splitFlow, type Track, type Tracks } from '../tracks.js'
import { type CausedJobs, readCaused } from './job-facts.js'
import { type Counts, readCounts, readName, type Served } from './trouble-counts.js'

/** An error group in a trouble, with what is said of it. */
export interface TroubleGroup extends GroupCount {
  id: string
  title: string
  exception_type: string
  culprit: string
  messages: string[]
  borrowed: boolean
  /** In the trouble, milliseconds since the epoch. */
  lastSeen: number
  /** The request that failed first met it. */
  isFirst: boolean
}

/** What is known of one flow's trouble from its first failure on. */
export interface TroubleFacts extends Count {
  flow: string
  /** Milliseconds since the epoch. */
  onset: number
  /** When a request went well again; undefined while it lasts. */
  recovered: number | undefined
  /** The first moment that is not counted. */
  end: number
  excess: number
  users: number
  worst: { user: string; failures: number } | undefined
  /** Failures of programs that say they are bots. */
  bots: number
  /** Failures answered with 502, 503 or 504. */
  gateway: number
  /** The SQL of a request's failure. */
  failed: string
  /** What each release did in the flow since the onset, also where one alone is asked for. */
  served: Served[]
  /** The most frequent first. */
  groups: TroubleGroup[]
  /** What its requests enqueued, and what became of that until the window's end; the most failures first. */
  jobs: CausedJobs[]
}

const WEEK = 7 * 86_400_000
const MOST_GROUPS = 50
/** The share of the excess that someone makes of whom it is told. */
const LEAST_TOLD = 0.1

/** Conditions on the requests of one flow from one moment to another. */
export function inFlow(search: Search, flow: string, window: Window): Condition {
  const filters = readFilters(search, 'request', window)
  const within = inWindow(window)
  return {
    sql: `${IS_REQUEST} AND ${ON_FLOW} AND ${within.sql} AND ${filters.sql}`,
    parameters: { ...filters.parameters, ...within.parameters, ...onFlow(flow) },
  }
}

/** The two as they are stored: nothing is put together for each row. Needs {@link onFlow} bound. */
const ON_FLOW = 'method = {on_method:String} AND route = {on_route:String}'

function onFlow(flow: string): Condition['parameters'] {
  const { method, route } = splitFlow(flow)
  return { on_method: method, on_route: route }
}

/** A request by its id. */
interface Named {
  site: string
  request: string
}

/** Looks closer at a trouble: from its first failing event to the first request that went well after its last. */
export async function readTrouble(
  store: Store,
  search: Search,
  window: Window,
  { grid, step, failed }: Tracks,
  groupOf: string,
  track: Track,
  trouble: Trouble,
): Promise<TroubleFacts> {
  const from = Math.max(window.from, grid[trouble.first] ?? window.from)
  const until = trouble.recovered ? Math.min(window.to, (grid[trouble.last] ?? 0) + step) : window.to
  const { onset, recovered, named } = await readBounds(
    store,
    search,
    track.name,
    { from, to: until },
    trouble.recovered ? window.to : 0,
    failed,
  )
  const end = recovered ?? window.to
  const readJobs = (from: number) =>
    readCaused(store, inFlow(search, track.name, { from, to: end }), trouble.requests, window.to)
  const read = async (from: number) => {
    const [found, jobs] = await Promise.all([
      readFrom(store, search, track, failed, groupOf, { from, to: end }, named),
      readJobs(from),
    ])
    return { ...found, jobs }
  }
  const found = await read(onset)
  const begun = (await readBeginning(store, search, track, groupOf, { from: onset, to: end }, found)) ?? onset
  const facts = begun === onset ? found : await read(begun)
  return { flow: track.name, recovered, end, failed, onset: begun, ...facts }
}

type Found = Omit<TroubleFacts, 'flow' | 'recovered' | 'end' | 'failed' | 'onset' | 'jobs'>

async function readFrom(
  store: Store,
  search: Search,
  track: Track,
  failed: string,
  groupOf: string,
  window: Window,
  named: Named,
): Promise<Found> {
  const whole = async () => {
    const counts = await readCounts(
      store,
      inFlow(ofThePast(search), track.name, window),
      failed,
      search('release'),
    )
    const excess = excessOf(counts, track.usual.rate)
    return { ...counts, excess, worst: await nameWorst(counts.worst, excess) }
  }
  const nameWorst = async (worst: Counts['worst'], excess: number) => {
    if (!worst) return undefined
    // Of whom it failed little nothing is said.
    const isTold = worst.failures >= excess * LEAST_TOLD
    const where = inFlow(search, track.name, window)
    return { user: isTold ? await readName(store, where, worst.who) : '', failures: worst.failures }
  }
  const [counts, groups] = await Promise.all([
    whole(),
    readGroups(store, search, track, groupOf, window, named),
  ])
  return {
    ...counts,
    groups: groups.map(group => ({
      ...group,
      expected: track.usual.requests > 0 ? (group.expected * counts.requests) / track.usual.requests : 0,
    })),
  }
}

/** The share of the failures that errors never seen before must make for the trouble to begin with them. */
const MOSTLY_NEW = 0.8

/** When the errors came that are new and most of it: stray failures of a kind that is old, or over by then, may lie before. */
async function readBeginning(
  store: Store,
  search: Search,
  track: Track,
  groupOf: string,
  window: Window,
  { failures, groups }: Found,
): Promise<number | undefined> {
  const fresh = groups.filter(({ firstSeen }) => firstSeen >= window.from)
  let left = MOSTLY_NEW * failures
  const main = fresh.filter(({ count }) => {
    const isNeeded = left > 0
    left -= count
    return isNeeded
  })
  if (left > 0) return undefined
  const begun = Math.min(...main.map(({ firstSeen }) => firstSeen))
  const lasting = fresh.filter(({ lastSeen }) => lastSeen >= begun)
  if (lasting.some(({ isFirst }) => isFirst)) return undefined
  const where = inFlow(search, track.name, window)
  const [first] = await store.query<{ at: number }>(
    `SELECT toInt64(min(toUnixTimestamp64Milli(timestamp))) AS at FROM events
     WHERE ${where.sql} AND (site, request_id) IN (
       SELECT site, request_id FROM events
       WHERE event = 'exception' AND ${IN_WINDOW} AND request_id != '' AND ${groupOf} IN {fresh:Array(String)}
     )`,
    { ...where.parameters, fresh: lasting.map(({ id }) => id) },
  )
  const at = Number(first?.at)
  return at > window.from ? at : undefined
}

async function readBounds(
  store: Store,
  search: Search,
  flow: string,
  window: Window,
  before: number,
  failed: string,
): Promise<{ onset: number; recovered: number | undefined; named: Named }> {
  const where = inFlow(search, flow, window)
  const at = 'toUnixTimestamp64Milli(timestamp)'
  const [bounds] = await store.query<{ first: number; last: number; of_site: string; request: string }>(
    `SELECT toInt64(min(${at})) AS first, toInt64(max(${at})) AS last,
       argMin((site, request_id), timestamp) AS named, named.1 AS of_site, named.2 AS request
     FROM events WHERE ${where.sql} AND ${failed}`,
    where.parameters,
  )
  const onset = Number(bounds?.first) || window.from
  const named = { site: bounds?.of_site ?? '', request: bounds?.request ?? '' }
  if (before === 0) return { onset, recovered: undefined, named }
  const after = inFlow(search, flow, { from: Number(bounds?.last) + 1, to: before })
  const [healthy] = await store.query<{ first: number }>(
    `SELECT toInt64(min(${at})) AS first FROM events WHERE ${after.sql} AND NOT ${failed}`,
    after.parameters,
  )
  return { onset, recovered: Number(healthy?.first) || window.to, named }
}

/** Users and visitors whom some request of a window failed. */
export async function countUsers(
  store: Store,
  search: Search,
  window: Window,
  failed: string,
): Promise<number> {
  const filters = readFilters(search, 'request', window)
  const within = inWindow(window)
  const [row] = await store.query<{ users: number }>(
    `SELECT uniqExactIf(who, ${IS_KNOWN}) AS users FROM events
     WHERE ${IS_REQUEST} AND ${failed} AND ${within.sql} AND ${filters.sql}`,
    { ...filters.parameters, ...within.parameters },
  )
  return Number(row?.users ?? 0)
}

interface GroupRow {
  id: string
  hits: number
  messages: string[]
  borrowed: number
  last: number
  is_first: number
}

/** What the exceptions of a trouble's requests are; `expected` is how many there were in the past, as yet. */
async function readGroups(
  store: Store,
  search: Search,
  track: Track,
  groupOf: string,
  window: Window,
  named: Named,
): Promise<TroubleGroup[]> {
  const condition = (search: Search, window: Window): Condition => {
    const filters = readFilters(search, 'exception', window)
    const within = inWindow(window)
    return {
      sql: `event = 'exception' AND mechanism IN ('', 'request') AND ${ON_FLOW} AND ${within.sql} AND ${filters.sql}`,
      parameters: { ...filters.parameters, ...within.parameters, ...onFlow(track.name) },
    }
  }
  const where = condition(search, window)
  const rows = await store.query<GroupRow>(
    `SELECT ${groupOf} AS id, sum(1 + toUInt64(repeated)) AS hits, max(borrowed_status) AS borrowed,
       groupUniqArray(3)(substring(exception_message, 1, 300)) AS messages,
       toInt64(max(toUnixTimestamp64Milli(timestamp))) AS last,
       max(request_id != '' AND request_id = {first_request:String} AND site = {first_site:String}) AS is_first
     FROM events WHERE ${where.sql} AND group_id != ''
     GROUP BY id ORDER BY hits DESC, id LIMIT ${MOST_GROUPS}`,
    { ...where.parameters, first_site: named.site, first_request: named.request },
  )
  const past = { from: Math.max(0, window.from - WEEK), to: window.from }
  const ids = rows.map(({ id }) => id)
  const history = await readHistory(store, ids, groupOf, condition(ofThePast(search), past))
  return rows.map(({ id, hits, messages, borrowed, last, is_first }) => {
    const known = history.get(id)
    return {
      id,
      title: known?.said ?? id,
      exception_type: known?.type ?? '',
      culprit: known?.place ?? '',
      messages,
      borrowed: Boolean(Number(borrowed)),
      lastSeen: Number(last),
      isFirst: Number(is_first) > 0,
      count: Number(hits),
      expected: known?.before ?? 0,
      firstSeen: Date.parse(`${(known?.first ?? moment(window.from)).replace(' ', 'T')}Z`),
      firstRelease: known?.first_in ?? '',
    }
  })
}
