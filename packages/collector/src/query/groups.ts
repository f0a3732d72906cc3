import {
  FLOW,
  type GroupState,
  membersOf,
  OPEN,
  readStates,
  type Status,
  wholeOf,
} from '../grouping/state.js'
import type { Store } from '../store/store.js'
import { type Completeness, completeness } from './completeness.js'
import { readFilters } from './filters.js'
import { type Badge, badgeOf, isMuted, isRegressed, readKnown } from './group-badge.js'
import { tellGroup } from './group-id.js'
import {
  type Condition,
  expected,
  inWindow,
  readLimit,
  readWindow,
  type Search,
  type Window,
} from './parameters.js'
import { IS_FAULT, IS_KNOWN, isoOf } from './stored.js'

/** An error group: figures are of the window and the filters, first and last of all that is stored. */
export interface Group {
  id: string
  site: string
  /** Type and message, the varying parts masked. */
  title: string
  exception_type: string
  /** Function and file, else the route or task. */
  culprit: string
  /** Those that a client counted and did not send included. */
  count: number
  /** Users, and visitors where nobody was signed in. */
  users: number
  /** `METHOD route` or a job's name, the most hit first, at most 5. */
  flows: string[]
  /** Counts of 24 equal steps of the window. */
  sparkline: number[]
  first_seen: string
  last_seen: string
  first_release: string | null
  last_release: string | null
  badge: Badge
  status: Status
  /** `null`: not muted, or without an end. */
  muted_until: string | null
  /** The parts of the key. */
  why: string[]
  /** The groups that were merged into this one. */
  merged: string[]
}

export interface GroupList extends Completeness {
  items: Group[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
}

const STEPS = 24

interface Figures {
  id: string
  hits: number
  people: number
  flows: string[]
  slots: [number[], number[]]
}

interface History {
  id: string
  of_site: string
  said: string
  type: string
  place: string
  reasons: string
  first: string
  last: string
  first_in: string
  last_in: string
  /** How often it was hit where the `past` holds that was asked for. */
  before: number
}

/** What happened in the window, by group, the most frequent first. */
export async function readFigures(
  store: Store,
  window: Window,
  where: Condition,
  end = '',
): Promise<Figures[]> {
  const groupOf = await tellGroup(store)
  const step = Math.max(1, Math.ceil((window.to - window.from) / STEPS))
  return store.query<Figures>(
    `SELECT ${groupOf} AS id, toUInt64(sum(1 + toUInt64(repeated))) AS hits, uniqExactIf(who, ${IS_KNOWN}) AS people,
       topKIf(5)(${FLOW}, ${FLOW} != '') AS flows,
       sumMap([intDiv(toUnixTimestamp64Milli(timestamp) - {start:Int64}, {step:Int64})], [1 + toUInt64(repeated)]) AS slots
     FROM events
     WHERE ${IS_FAULT} AND group_id != '' AND ${where.sql}
     GROUP BY id ${end}`,
    { ...where.parameters, start: window.from, step },
  )
}

/** What is known of groups from all that is stored. */
export async function readHistory(
  store: Store,
  ids: readonly string[],
  groupOf: string,
  past: Condition = NOWHERE,
): Promise<Map<string, History>> {
  if (ids.length === 0) return new Map()
  const rows = await store.query<History>(
    `SELECT ${groupOf} AS id, any(site) AS of_site,
       argMax((title, exception_type, culprit, why), (group_id = id, timestamp)) AS newest,
       newest.1 AS said, newest.2 AS type, newest.3 AS place, newest.4 AS reasons,
       toString(min(timestamp)) AS first, toString(max(timestamp)) AS last,
       argMinIf(release, timestamp, release != '') AS first_in, argMaxIf(release, timestamp, release != '') AS last_in,
       toUInt64(sumIf(1 + toUInt64(repeated), ${past.sql})) AS before
     FROM events WHERE ${IS_FAULT} AND group_id != '' AND id IN {ids:Array(String)}
     GROUP BY id`,
    { ...past.parameters, ids },
  )
  return new Map(rows.map(row => [row.id, { ...row, before: Number(row.before) }]))
}

const NOWHERE: Condition = { sql: '0', parameters: {} }

/** The same time before the window. */
function timeBefore({ from, to }: Window, search: Search): Condition {
  const window = { from: Math.max(0, from - (to - from)), to: from }
  const within = inWindow(window)
  const filters = readFilters(search, 'fault', window)
  return {
    sql: `${within.sql} AND ${filters.sql}`,
    parameters: { ...within.parameters, ...filters.parameters },
  }
}

/** Groups with their figures, in the order these came in. */
export async function describeGroups(
  store: Store,
  search: Search,
  window: Window,
  figures: readonly Figures[],
  now: number,
): Promise<Group[]> {
  const ids = figures.map(({ id }) => id)
  const readHistories = async () =>
    readHistory(store, ids, await tellGroup(store), timeBefore(window, search))
  const [histories, states, known] = await Promise.all([
    readHistories(),
    readStates(store),
    readKnown(store, search, window),
  ])
  const regressed = await isRegressed(store, ids, states)
  return figures.flatMap(each => {
    const history = histories.get(each.id)
    if (!history) return []
    const state = states.get(each.id) ?? OPEN
    const first = Date.parse(isoOf(history.first))
    const count = Number(each.hits)
    const badge = badgeOf({
      isMuted: isMuted(state, now),
      isRegressed: regressed.has(each.id),
      isNew: first >= window.from,
      count,
      before: history.before,
      known: known.get(history.of_site) ?? 0,
    })
    return [show(each, history, state, badge, membersOf(states, each.id).slice(1), now)]
  })
}

function show(
  figures: Figures,
  history: History,
  state: GroupState,
  badge: Badge,
  merged: string[],
  now: number,
): Group {
  const muted = isMuted(state, now)
  const resolved = state.status === 'resolved' && badge !== 'REGRESSED'
  return {
    id: figures.id,
    site: history.of_site,
    title: history.said,
    exception_type: history.type,
    culprit: history.place,
    count: Number(figures.hits),
    users: Number(figures.people),
    flows: figures.flows,
    sparkline: draw(figures.slots),
    first_seen: isoOf(history.first),
    last_seen: isoOf(history.last),
    first_release: history.first_in || null,
    last_release: history.last_in || null,
    badge,
    status: muted ? 'muted' : resolved ? 'resolved' : 'open',
    muted_until: muted && state.mutedUntil > 0 ? new Date(state.mutedUntil).toISOString() : null,
    why: whyOf(figures, history),
    merged,
  }
}

/** A piece of a group that was split has its flow among its reasons. */
function whyOf({ id, flows }: Figures, { reasons }: History): string[] {
  const why = JSON.parse(reasons || '[]') as string[]
  return wholeOf(id) === id ? why : [...why, `flow: ${flows[0] ?? ''}`]
}

function draw([slots, counts]: Figures['slots']): number[] {
  const drawn = Array.from({ length: STEPS }, () => 0)
  for (const [index, slot] of slots.entries()) drawn[Number(slot)] = Number(counts[index])
  return drawn
}

/** Which errors were there, grouped, the most frequent first? */
export async function groups(store: Store, search: Search, now: number): Promise<GroupList> {
  const limit = readLimit(search)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const filters = readFilters(search, 'fault', window)
  const after = readCursor(search)
  const where: Condition = {
    sql: `${within.sql} AND ${filters.sql}`,
    parameters: { ...within.parameters, ...filters.parameters, ...after?.parameters },
  }
  const [found, certainty] = await Promise.all([
    readFigures(
      store,
      window,
      where,
      `${after ? `HAVING ${after.sql}` : ''} ORDER BY hits DESC, id DESC LIMIT ${limit + 1}`,
    ),
    completeness(store, search, window, now),
  ])
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: await describeGroups(store, search, window, shown, now),
    ...(found.length > limit && last
      ? { next: Buffer.from(`${last.hits}\n${last.id}`).toString('base64url') }
      : {}),
    ...certainty,
  }
}

function readCursor(search: Search): Condition | undefined {
  const cursor = search('cursor')
  if (cursor === undefined) return undefined
  const [hits = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split('\n')
  if (!/^\d{1,15}$/.test(hits) || id === '') throw expected('cursor', 'the `next` of an answer', cursor)
  return {
    sql: '(hits, id) < ({cursor_hits:UInt64}, {cursor_id:String})',
    parameters: { cursor_hits: Number(hits), cursor_id: id },
  }
}
