import type { Store } from '../store/store.js'
import { type Completeness, completeness } from './completeness.js'
import { tellFailures } from './failure.js'
import { readFilters } from './filters.js'
import { tellGroup } from './group-id.js'
import { type Condition, expected, inWindow, readLimit, readWindow, type Search } from './parameters.js'
import { IS_KNOWN, IS_REQUEST, isoOf } from './stored.js'

/** `failing`: of a route that failed them, nothing has gone well for them since. */
export type UserState = 'failing' | 'recovered' | 'fine'

export interface ListedUser {
  id: string
  /** A visitor where nobody was signed in. */
  kind: 'user' | 'visitor'
  requests: number
  failures: number
  rejected: number
  /** Jobs of theirs that failed for good. */
  task_failures: number
  /** Of their requests and jobs in the window, ISO 8601. */
  first_seen: string
  last_seen: string
  first_failure: string | null
  last_failure: string | null
  state: UserState
  /** The errors that they met, at most three, the most frequent first. */
  groups: UserGroup[]
}

export interface UserGroup {
  id: string
  title: string
  count: number
}

export interface UserTotals {
  users: number
  visitors: number
  /** Those whom a request or a job failed. */
  affected_users: number
  affected_visitors: number
  failing: number
}

export interface UserList extends Completeness {
  items: ListedUser[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
  totals: UserTotals
}

/** Someone's place in the list, with the totals. */
interface Ranked extends Omit<UserTotals, 'failing'> {
  /** The number that is stored beside the ids. */
  one: string
  id: string
  signed_in: number
  requests: number
  hits: number
  wanted: number
}

type Counted = Pick<ListedUser, 'failures' | 'rejected' | 'task_failures' | 'first_seen' | 'last_seen'> & {
  one: string
  first_hit: string
  last_hit: string
}

const ID = "if(user_id != '', user_id, visitor_id)"
const MOST_GROUPS = 3
/** Given as texts: such numbers are too large for JSON. */
const SHOWN = 'IN (SELECT toUInt64(arrayJoin({shown:Array(String)})))'

/** Which users and visitors came in this window, the worst hit first? With `affected=true`, the hit ones alone. */
export async function users(store: Store, search: Search, now: number): Promise<UserList> {
  const limit = readLimit(search)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const filters = readFilters(search, 'event', window)
  const where = {
    sql: `${within.sql} AND ${filters.sql} AND ${IS_KNOWN}`,
    parameters: { ...within.parameters, ...filters.parameters },
  }
  const wanted = readWanted(search)
  const doings = tellDoings(where, await tellFailures(store, search, window))
  const [ranked, certainty] = await Promise.all([
    rank(store, doings, wanted, limit + 1),
    completeness(store, search, window, now),
  ])
  const [first] = ranked
  const listed = ranked.filter(({ wanted }) => wanted === 1)
  const shown = listed.slice(0, limit)
  const isHit = first !== undefined && first.affected_users + first.affected_visitors > 0
  const [counted, failing, groups] = await Promise.all([
    count(store, doings, shown),
    isHit ? readFailing(store, doings, shown) : NOBODY,
    readGroups(store, shown, where),
  ])
  const last = shown.at(-1)
  return {
    items: shown.flatMap(ranked => {
      const figures = counted.get(ranked.one)
      return figures ? [describe(ranked, figures, failing.shown, groups.get(ranked.one) ?? [])] : []
    }),
    ...(listed.length > limit && last ? { next: formatPlace(last) } : {}),
    totals: {
      users: first?.users ?? 0,
      visitors: first?.visitors ?? 0,
      affected_users: first?.affected_users ?? 0,
      affected_visitors: first?.affected_visitors ?? 0,
      failing: failing.total,
    },
    ...certainty,
  }
}

/** Requests, and jobs that ended: as conditions, and their figures as sums. */
interface Doings extends Condition {
  isFailed: string
  isRefused: string
  requests: string
  failures: string
  taskFailures: string
}

function tellDoings(where: Condition, { failed, rejected }: { failed: string; rejected: string }): Doings {
  return {
    sql: `(event IN ('pageview', 'api_request', 'task_completed') OR (event = 'task_failed' AND final)) AND ${where.sql}`,
    parameters: where.parameters,
    isFailed: `if(${IS_REQUEST}, ${failed}, event = 'task_failed')`,
    isRefused: `(${IS_REQUEST} AND ${rejected})`,
    requests: `sumIf(weight, ${IS_REQUEST})`,
    failures: `sumIf(weight, ${IS_REQUEST} AND ${failed})`,
    taskFailures: "countIf(event = 'task_failed')",
  }
}

/** Who comes first; what else is told of people is then read of these alone. */
function rank(store: Store, doings: Doings, wanted: Condition, most: number): Promise<Ranked[]> {
  // The totals are in every row: at least one comes back, wanted or not.
  return store.query<Ranked>(
    `SELECT toString(who) AS one, id, signed_in, requests, hits, ${wanted.sql} AS wanted,
       countIf(signed_in) OVER () AS users, countIf(NOT signed_in) OVER () AS visitors,
       countIf(signed_in AND hits > 0) OVER () AS affected_users,
       countIf(NOT signed_in AND hits > 0) OVER () AS affected_visitors
     FROM (
       SELECT who, any(${ID}) AS id, any(user_id != '') AS signed_in, ${doings.requests} AS requests,
         ${doings.failures} + ${doings.taskFailures} AS hits
       FROM events WHERE ${doings.sql} GROUP BY who
     )
     ORDER BY wanted DESC, hits DESC, requests DESC, id LIMIT ${most}`,
    { ...doings.parameters, ...wanted.parameters },
  )
}

async function count(
  store: Store,
  { sql, isFailed, isRefused, failures, taskFailures, parameters }: Doings,
  shown: readonly Ranked[],
): Promise<Map<string, Counted>> {
  const rows = await store.query<Counted>(
    `SELECT toString(who) AS one, ${failures} AS failures, sumIf(weight, ${isRefused}) AS rejected,
       ${taskFailures} AS task_failures, min(timestamp) AS first_seen, max(timestamp) AS last_seen,
       minIf(timestamp, ${isFailed}) AS first_hit, maxIf(timestamp, ${isFailed}) AS last_hit
     FROM events WHERE ${sql} AND who ${SHOWN} GROUP BY who`,
    { ...parameters, shown: shown.map(({ one }) => one) },
  )
  return new Map(rows.map(row => [row.one, row]))
}

/** What someone did where, as a number: there are many to group by. */
const DOING = `cityHash64(who, cityHash64(method), if(${IS_REQUEST}, cityHash64(route), cityHash64(task_name)))`

interface Failing {
  total: number
  shown: readonly string[]
}

const NOBODY: Failing = { total: 0, shown: [] }

/** Whom something failed that has not gone well for them since: how many, and which of these. */
async function readFailing(
  store: Store,
  { sql, isFailed, isRefused, parameters }: Doings,
  shown: readonly Ranked[],
): Promise<Failing> {
  const [failing = NOBODY] = await store.query<Failing>(
    `SELECT uniqExact(one) AS total, groupUniqArrayIf(toString(one), one ${SHOWN}) AS shown FROM (
       SELECT any(who) AS one, maxIf(timestamp, ${isFailed}) AS last_hit,
         maxIf(timestamp, NOT ${isFailed} AND NOT ${isRefused}) AS last_success
       FROM events
       WHERE ${sql} AND ${DOING} IN (SELECT ${DOING} FROM events WHERE ${sql} AND ${isFailed})
       GROUP BY ${DOING} HAVING last_hit >= last_success
     )`,
    { ...parameters, shown: shown.map(({ one }) => one) },
  )
  return failing
}

/** Those after the place that the cursor names, and the affected alone where it is asked for. */
function readWanted(search: Search): Condition {
  const affected = search('affected')
  if (affected !== undefined && affected !== 'true' && affected !== 'false')
    throw expected('affected', 'true or false', affected)
  const sql = affected === 'true' ? 'hits > 0' : '1'
  const cursor = search('cursor')
  if (cursor === undefined) return { sql, parameters: {} }
  const [hits, requests, ...id] = Buffer.from(cursor, 'base64url').toString().split('\n')
  const isNumber = (text: string | undefined) => text !== undefined && /^\d+(\.\d+)?$/.test(text)
  if (!isNumber(hits) || !isNumber(requests) || id.length === 0)
    throw expected('cursor', 'the `next` of an answer', cursor)
  return {
    sql: `${sql} AND (-hits, -requests, id) > (-{after_hits:Float64}, -{after_requests:Float64}, {after_id:String})`,
    parameters: { after_hits: Number(hits), after_requests: Number(requests), after_id: id.join('\n') },
  }
}

function formatPlace({ hits, requests, id }: Ranked): string {
  return Buffer.from(`${hits}\n${requests}\n${id}`).toString('base64url')
}

async function readGroups(
  store: Store,
  shown: readonly Ranked[],
  where: Condition,
): Promise<Map<string, UserGroup[]>> {
  const hit = shown.filter(({ hits }) => hits > 0).map(({ one }) => one)
  if (hit.length === 0) return new Map()
  const rows = await store.query<Omit<UserGroup, 'title'> & { one: string; named: string }>(
    `SELECT toString(who) AS one, ${await tellGroup(store)} AS id, any(title) AS named, count() AS count FROM events
     WHERE event IN ('exception', 'task_failed') AND group_id != '' AND who ${SHOWN} AND ${where.sql}
     GROUP BY one, id ORDER BY count DESC, id LIMIT ${MOST_GROUPS} BY one`,
    { ...where.parameters, shown: hit },
  )
  const groups = new Map<string, UserGroup[]>()
  for (const { one, id, named, count } of rows)
    groups.set(one, [...(groups.get(one) ?? []), { id, title: named, count }])
  return groups
}

function describe(
  { one, id, signed_in, requests, hits }: Ranked,
  counted: Counted,
  failing: readonly string[],
  groups: UserGroup[],
): ListedUser {
  const { failures, rejected, task_failures, first_seen, last_seen, first_hit, last_hit } = counted
  return {
    id,
    kind: signed_in ? 'user' : 'visitor',
    // Weights may be fractions.
    requests: Math.round(requests),
    failures: Math.round(failures),
    rejected: Math.round(rejected),
    task_failures,
    first_seen: isoOf(first_seen),
    last_seen: isoOf(last_seen),
    first_failure: hits > 0 ? isoOf(first_hit) : null,
    last_failure: hits > 0 ? isoOf(last_hit) : null,
    state: hits === 0 ? 'fine' : failing.includes(one) ? 'failing' : 'recovered',
    groups,
  }
}
