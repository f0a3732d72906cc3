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

type Counted = Omit<ListedUser, 'kind' | 'groups'> &
  UserTotals & { signed_in: number; hits: number; wanted: number }

const WHO = "if(user_id != '', user_id, visitor_id)"
const MOST_GROUPS = 3

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
  const failures = await tellFailures(store, search, window)
  const [found, certainty] = await Promise.all([
    // The totals are in every row: at least one comes back, wanted or not.
    store.query<Counted>(
      `SELECT *, ${wanted.sql} AS wanted, ${TOTALS} FROM (${countEach(where.sql, failures)})
       ORDER BY wanted DESC, hits DESC, requests DESC, id LIMIT ${limit + 1}`,
      { ...where.parameters, ...wanted.parameters },
    ),
    completeness(store, search, window, now),
  ])
  const listed = found.filter(({ wanted }) => wanted === 1)
  const shown = listed.slice(0, limit)
  const groups = await readGroups(store, shown, where)
  const last = shown.at(-1)
  const [first] = found
  return {
    items: shown.map(one => describe(one, groups.get(one.id) ?? [])),
    ...(listed.length > limit && last ? { next: formatPlace(last) } : {}),
    totals: {
      users: first?.users ?? 0,
      visitors: first?.visitors ?? 0,
      affected_users: first?.affected_users ?? 0,
      affected_visitors: first?.affected_visitors ?? 0,
      failing: first?.failing ?? 0,
    },
    ...certainty,
  }
}

const TOTALS = `
  countIf(signed_in) OVER () AS users, countIf(NOT signed_in) OVER () AS visitors,
  countIf(signed_in AND hits > 0) OVER () AS affected_users,
  countIf(NOT signed_in AND hits > 0) OVER () AS affected_visitors,
  countIf(state = 'failing') OVER () AS failing`

/** What someone did where, as a number: there are many to group by. */
const DOING = `cityHash64(who, method, if(${IS_REQUEST}, route, task_name))`

/** What each did; and of those whom something failed, whether just that has gone well since. */
function countEach(where: string, { failed, rejected }: { failed: string; rejected: string }): string {
  const isFailed = `if(${IS_REQUEST}, ${failed}, event = 'task_failed')`
  const isRefused = `(${IS_REQUEST} AND ${rejected})`
  const doings = `(event IN ('pageview', 'api_request', 'task_completed') OR (event = 'task_failed' AND final)) AND ${where}`
  const failing = `
    SELECT one FROM (
      SELECT any(who) AS one, maxIf(timestamp, ${isFailed}) AS last_hit,
        maxIf(timestamp, NOT ${isFailed} AND NOT ${isRefused}) AS last_success
      FROM events
      WHERE ${doings} AND who IN (SELECT who FROM events WHERE ${doings} AND ${isFailed})
      GROUP BY ${DOING} HAVING countIf(${isFailed}) > 0 AND last_hit >= last_success
    )`
  return `
    SELECT id, signed_in, requests, failures, rejected, task_failures, failures + task_failures AS hits,
      toString(first) AS first_seen, toString(last) AS last_seen,
      if(hits > 0, toString(first_hit), NULL) AS first_failure, if(hits > 0, toString(last_hit), NULL) AS last_failure,
      multiIf(hits = 0, 'fine', who IN (${failing}), 'failing', 'recovered') AS state
    FROM (
      SELECT who, any(${WHO}) AS id, any(user_id != '') AS signed_in,
        sumIf(weight, ${IS_REQUEST}) AS requests, sumIf(weight, ${IS_REQUEST} AND ${failed}) AS failures,
        sumIf(weight, ${isRefused}) AS rejected, countIf(event = 'task_failed') AS task_failures,
        min(timestamp) AS first, max(timestamp) AS last,
        minIf(timestamp, ${isFailed}) AS first_hit, maxIf(timestamp, ${isFailed}) AS last_hit
      FROM events WHERE ${doings} GROUP BY who
    )`
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

function formatPlace({ hits, requests, id }: Counted): string {
  return Buffer.from(`${hits}\n${requests}\n${id}`).toString('base64url')
}

async function readGroups(
  store: Store,
  shown: readonly Counted[],
  where: Condition,
): Promise<Map<string, UserGroup[]>> {
  const ids = shown.filter(({ hits }) => hits > 0).map(({ id }) => id)
  if (ids.length === 0) return new Map()
  const rows = await store.query<Omit<UserGroup, 'title'> & { one: string; named: string }>(
    `SELECT ${WHO} AS one, ${await tellGroup(store)} AS id, any(title) AS named, count() AS count FROM events
     WHERE event IN ('exception', 'task_failed') AND group_id != '' AND one IN {ids:Array(String)} AND ${where.sql}
     GROUP BY one, id ORDER BY count DESC, id LIMIT ${MOST_GROUPS} BY one`,
    { ...where.parameters, ids },
  )
  const groups = new Map<string, UserGroup[]>()
  for (const { one, id, named, count } of rows)
    groups.set(one, [...(groups.get(one) ?? []), { id, title: named, count }])
  return groups
}

function describe(counted: Counted, groups: UserGroup[]): ListedUser {
  const { id, signed_in, requests, failures, rejected, task_failures, state } = counted
  const { first_seen, last_seen, first_failure, last_failure } = counted
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
    first_failure: first_failure && isoOf(first_failure),
    last_failure: last_failure && isoOf(last_failure),
    state,
    groups,
  }
}
