import type { Store } from '../store/store.js'
import type { Condition } from './parameters.js'
import { IS_REQUEST, WHO } from './stored.js'

export interface UserTotals {
  users: number
  visitors: number
  /** Those whom a request or a job failed. */
  affected_users: number
  affected_visitors: number
  failing: number
}

/** Someone's place in the list, with the totals. */
export interface Ranked extends Omit<UserTotals, 'failing'> {
  /** The number that is stored beside the ids. */
  one: string
  /** Empty where it was not read. */
  id: string
  signed_in: number
  requests: number
  hits: number
  wanted: number
}

/** What someone did in the window; the store's own moments, and meaningless hits where there is none. */
export interface Counted {
  one: string
  failures: number
  rejected: number
  task_failures: number
  first_seen: string
  last_seen: string
  first_hit: string
  last_hit: string
}

/** So many may share the last place of a list, and be put in order by their ids afterwards. */
const MOST_TIED = 1000

/** Given as texts: such numbers are too large for JSON. */
export const SHOWN: string = 'IN (SELECT toUInt64(arrayJoin({shown:Array(String)})))'

/** Requests, and jobs that ended: as conditions, and their figures as sums. */
export interface Doings extends Condition {
  isFailed: string
  isRefused: string
  requests: string
  failures: string
  taskFailures: string
}

export function tellDoings(
  where: Condition,
  { failed, rejected }: { failed: string; rejected: string },
): Doings {
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

/**
 * Who comes first; what else is told of people is then read of these alone. Ids are long, so everyone is put in order
 * without them: all who share the last place come back. Ids are read where the list goes on amid such ties
 * or there are too many of them.
 */
export async function rank(
  store: Store,
  doings: Doings,
  wanted: Condition,
  most: number,
  goesOn: boolean,
): Promise<Ranked[]> {
  const read = (id: string) =>
    // The totals are in every row: at least one comes back, wanted or not.
    store.query<Ranked>(
      `SELECT * FROM (
         SELECT toString(who) AS one, id, signed_in, requests, hits, ${wanted.sql} AS wanted,
           countIf(signed_in) OVER () AS users, countIf(NOT signed_in) OVER () AS visitors,
           countIf(signed_in AND hits > 0) OVER () AS affected_users,
           countIf(NOT signed_in AND hits > 0) OVER () AS affected_visitors
         FROM (
           SELECT who, ${id} AS id, any(user_id != '') AS signed_in, ${doings.requests} AS requests,
             ${doings.failures} + ${doings.taskFailures} AS hits
           FROM events WHERE ${doings.sql} GROUP BY who
         )
         ORDER BY wanted DESC, hits DESC, requests DESC, id LIMIT ${most} WITH TIES
       ) LIMIT ${most + MOST_TIED}`,
      { ...doings.parameters, ...wanted.parameters },
    )
  const ranked = goesOn ? [] : await read("''")
  return goesOn || ranked.length === most + MOST_TIED ? read(`any(${WHO})`) : ranked
}

/** In the list's order, with their ids: each was told at their last moment, and no other part of the table is read. */
export async function inOrder(
  store: Store,
  doings: Doings,
  people: readonly Ranked[],
  counted: ReadonlyMap<string, Counted>,
): Promise<Ranked[]> {
  if (people.every(({ id }) => id !== '')) return [...people]
  const rows = await store.query<{ one: string; id: string }>(
    `SELECT toString(who) AS one, any(${WHO}) AS id FROM events
     WHERE ${doings.sql} AND who ${SHOWN} AND timestamp IN (
       SELECT toDateTime64(arrayJoin({seen:Array(String)}), 3, 'UTC')
     )
     GROUP BY who`,
    {
      ...doings.parameters,
      shown: people.map(({ one }) => one),
      seen: [...counted.values()].map(({ last_seen }) => last_seen),
    },
  )
  const ids = new Map(rows.map(({ one, id }) => [one, id]))
  const byId = (a: Ranked, b: Ranked) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
  return people
    .map(ranked => ({ ...ranked, id: ids.get(ranked.one) ?? '' }))
    .filter(({ id }) => id !== '')
    .sort((a, b) => b.hits - a.hits || b.requests - a.requests || byId(a, b))
}

export async function count(
  store: Store,
  { sql, isFailed, isRefused, failures, taskFailures, parameters }: Doings,
  shown: readonly Ranked[],
): Promise<Map<string, Counted>> {
  if (shown.length === 0) return new Map()
  const rows = await store.query<Counted>(
    `SELECT toString(who) AS one, ${failures} AS failures, sumIf(weight, ${isRefused}) AS rejected,
       ${taskFailures} AS task_failures, min(timestamp) AS first_seen, max(timestamp) AS last_seen,
       minIf(timestamp, ${isFailed}) AS first_hit, maxIf(timestamp, ${isFailed}) AS last_hit
     FROM events PREWHERE who ${SHOWN} WHERE ${sql} GROUP BY who`,
    { ...parameters, shown: shown.map(({ one }) => one) },
  )
  return new Map(rows.map(row => [row.one, row]))
}

/** What someone did where, as a number: there are many to group by. */
const DOING = `cityHash64(who, cityHash64(method), if(${IS_REQUEST}, cityHash64(route), cityHash64(task_name)))`

export interface Failing {
  total: number
  shown: readonly string[]
}

export const NOBODY: Failing = { total: 0, shown: [] }

/** Whom something failed that has not gone well for them since: how many, and which of these. */
export async function readFailing(
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
