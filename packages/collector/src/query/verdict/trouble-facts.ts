import { moment } from '../../store/schema.js'
import type { Store } from '../../store/store.js'
import type { GroupCount } from '../arithmetic/decide.js'
import type { Trouble } from '../arithmetic/trouble.js'
import { type Count, excessOf } from '../arithmetic/usual.js'
import { readFilters } from '../filters.js'
import { tellGroup } from '../group-id.js'
import { readHistory, WHO } from '../groups.js'
import { type Condition, IN_WINDOW, inWindow, type Search, type Window } from '../parameters.js'
import { IS_KNOWN, IS_REQUEST, NOBODY } from '../stored.js'
import { ofThePast, splitFlow, type Track, type Tracks } from '../tracks.js'

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
  /** The most frequent first. */
  groups: TroubleGroup[]
}

const WEEK = 7 * 86_400_000
const MOST_GROUPS = 50

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

/** Looks closer at a trouble: from its first failing event to the first request that went well after its last. */
export async function readTrouble(
  store: Store,
  search: Search,
  window: Window,
  { grid, step, failed }: Tracks,
  track: Track,
  trouble: Trouble,
): Promise<TroubleFacts> {
  const from = Math.max(window.from, grid[trouble.first] ?? window.from)
  const until = trouble.recovered ? Math.min(window.to, (grid[trouble.last] ?? 0) + step) : window.to
  const { onset, recovered } = await readBounds(
    store,
    search,
    track.name,
    { from, to: until },
    trouble.recovered ? window.to : 0,
    failed,
  )
  const end = recovered ?? window.to
  const read = (from: number) => readFrom(store, search, track, failed, { from, to: end })
  const found = await read(onset)
  const begun = (await readBeginning(store, search, track, { from: onset, to: end }, found)) ?? onset
  const facts = begun === onset ? found : await read(begun)
  return { flow: track.name, recovered, end, failed, onset: begun, ...facts }
}

type Found = Counts & Pick<TroubleFacts, 'excess' | 'groups'>

async function readFrom(
  store: Store,
  search: Search,
  track: Track,
  failed: string,
  window: Window,
): Promise<Found> {
  const [counts, groups] = await Promise.all([
    readCounts(store, inFlow(search, track.name, window), failed),
    readGroups(store, search, track, window),
  ])
  return {
    ...counts,
    excess: excessOf(counts, track.usual.rate),
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
  const where = inFlow(search, track.name, window)
  const groupOf = await tellGroup(store)
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
): Promise<{ onset: number; recovered: number | undefined }> {
  const where = inFlow(search, flow, window)
  const at = 'toUnixTimestamp64Milli(timestamp)'
  const [bounds] = await store.query<{ first: number; last: number }>(
    `SELECT toInt64(min(${at})) AS first, toInt64(max(${at})) AS last FROM events WHERE ${where.sql} AND ${failed}`,
    where.parameters,
  )
  const onset = Number(bounds?.first) || window.from
  if (before === 0) return { onset, recovered: undefined }
  const after = inFlow(search, flow, { from: Number(bounds?.last) + 1, to: before })
  const [healthy] = await store.query<{ first: number }>(
    `SELECT toInt64(min(${at})) AS first FROM events WHERE ${after.sql} AND NOT ${failed}`,
    after.parameters,
  )
  return { onset, recovered: Number(healthy?.first) || window.to }
}

type Counts = Pick<TroubleFacts, 'requests' | 'failures' | 'users' | 'worst' | 'bots' | 'gateway'>

async function readCounts(store: Store, where: Condition, failed: string): Promise<Counts> {
  // Those whom nothing failed are one of the rows that are added up: there may be many of them.
  const [sums] = await store.query<Omit<Counts, 'worst'> & { worst: string; most: number }>(
    `SELECT sum(all) AS requests, sum(hits) AS failures, countIf(${IS_KNOWN}) AS users, sum(by_bots) AS bots,
       sum(behind) AS gateway, toString(argMinIf(who, (-hits, who), ${IS_KNOWN})) AS worst, maxIf(hits, ${IS_KNOWN}) AS most
     FROM (
       SELECT if(${failed}, events.who, ${NOBODY}) AS who, sum(weight) AS all, sumIf(weight, ${failed}) AS hits,
         countIf(bot AND ${failed}) AS by_bots, countIf(status IN (502, 503, 504)) AS behind
       FROM events WHERE ${where.sql} GROUP BY who
     )`,
    where.parameters,
  )
  const users = Number(sums?.users ?? 0)
  return {
    requests: Math.round(Number(sums?.requests ?? 0)),
    failures: Math.round(Number(sums?.failures ?? 0)),
    users,
    bots: Number(sums?.bots ?? 0),
    gateway: Number(sums?.gateway ?? 0),
    worst:
      sums && users > 0
        ? { user: await readName(store, where, sums.worst), failures: Number(sums.most) }
        : undefined,
  }
}

/** The name behind a number: texts are long to read, and one of them is shown. */
async function readName(store: Store, where: Condition, who: string): Promise<string> {
  const [row] = await store.query<{ name: string }>(
    `SELECT ${WHO} AS name FROM events WHERE ${where.sql} AND who = toUInt64({worst:String}) LIMIT 1`,
    { ...where.parameters, worst: who },
  )
  return row?.name ?? ''
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
}

/** What the exceptions of a trouble's requests are; `expected` is how many there were in the past, as yet. */
async function readGroups(
  store: Store,
  search: Search,
  track: Track,
  window: Window,
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
    `SELECT ${await tellGroup(store)} AS id, sum(1 + toUInt64(repeated)) AS hits, max(borrowed_status) AS borrowed,
       groupUniqArray(3)(substring(exception_message, 1, 300)) AS messages,
       toInt64(max(toUnixTimestamp64Milli(timestamp))) AS last
     FROM events WHERE ${where.sql} AND group_id != ''
     GROUP BY id ORDER BY hits DESC, id LIMIT ${MOST_GROUPS}`,
    where.parameters,
  )
  const past = { from: Math.max(0, window.from - WEEK), to: window.from }
  const ids = rows.map(({ id }) => id)
  const history = await readHistory(store, ids, condition(ofThePast(search), past))
  return rows.map(({ id, hits, messages, borrowed, last }) => {
    const known = history.get(id)
    return {
      id,
      title: known?.said ?? id,
      exception_type: known?.type ?? '',
      culprit: known?.place ?? '',
      messages,
      borrowed: Boolean(Number(borrowed)),
      lastSeen: Number(last),
      count: Number(hits),
      expected: known?.before ?? 0,
      firstSeen: Date.parse(`${(known?.first ?? moment(window.from)).replace(' ', 'T')}Z`),
      firstRelease: known?.first_in ?? '',
    }
  })
}
