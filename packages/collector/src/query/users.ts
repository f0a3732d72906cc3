import type { Store } from '../store/store.js'
import { type Completeness, completeness } from './completeness.js'
import { tellFailures } from './failure.js'
import { readFilters } from './filters.js'
import { tellGroup } from './group-id.js'
import { type Condition, expected, inWindow, readLimit, readWindow, type Search } from './parameters.js'
import {
  type Counted,
  count,
  inOrder,
  NOBODY,
  type Ranked,
  rank,
  readFailing,
  SHOWN,
  tellDoings,
  type UserTotals,
} from './people.js'
import { IS_KNOWN, isoOf } from './stored.js'

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

export interface UserList extends Completeness {
  items: ListedUser[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
  totals: UserTotals
}

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
  const [failures, groupOf, certainty] = await Promise.all([
    tellFailures(store, search, window),
    tellGroup(store),
    completeness(store, search, window, now),
  ])
  const doings = tellDoings(where, failures)
  const ranked = await rank(store, doings, wanted, limit + 1, search('cursor') !== undefined)
  const [first] = ranked
  const candidates = ranked.filter(({ wanted }) => wanted === 1)
  const isHit = first !== undefined && first.affected_users + first.affected_visitors > 0
  const describeAll = async () => {
    const counted = await count(store, doings, candidates)
    const listed = await inOrder(store, doings, candidates, counted)
    const shown = listed.slice(0, limit)
    return { counted, listed, shown, groups: await readGroups(store, shown, groupOf, where) }
  }
  const [failing, { counted, listed, shown, groups }] = await Promise.all([
    isHit ? readFailing(store, doings, candidates) : NOBODY,
    describeAll(),
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
  groupOf: string,
  where: Condition,
): Promise<Map<string, UserGroup[]>> {
  const hit = shown.filter(({ hits }) => hits > 0).map(({ one }) => one)
  if (hit.length === 0) return new Map()
  const rows = await store.query<Omit<UserGroup, 'title'> & { one: string; named: string }>(
    `SELECT toString(who) AS one, ${groupOf} AS id, any(title) AS named, count() AS count FROM events
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
