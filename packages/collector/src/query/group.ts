import type { AnalyticsEvent } from '@justanalytics/core/event'
import { type Act, listActs, partOf } from '../grouping/acts.js'
import { readFrames, type ShownFrames } from '../grouping/shown.js'
import { GROUP_OF, IN_GROUP, readDecisions, readStates } from '../grouping/state.js'
import type { Store } from '../store/store.js'
import { type Completeness, completeness } from './completeness.js'
import { afterCursor, formatCursor, type Place } from './cursor.js'
import { readFilters } from './filters.js'
import { describeGroups, type Group, readFigures } from './groups.js'
import { type Condition, inWindow, readLimit, readWindow, type Search } from './parameters.js'
import { IS_FAULT, isoOf, unknown, WHO } from './stored.js'

/** One error as it was sent, with its frames taken apart. */
export interface Occurrence extends ShownFrames {
  event: AnalyticsEvent
}

/** How often a release threw it, of all that is stored, the newest first. */
export interface GroupRelease {
  release: string | null
  count: number
  first_seen: string
  last_seen: string
}

export interface WorstHit {
  /** A user's id, or a visitor's. */
  user: string
  count: number
  last_seen: string
}

export interface GroupAnswer extends Completeness {
  group: Group
  /** Of the newest occurrence. */
  causes: { exception_type: string; exception_message: string }[]
  releases: GroupRelease[]
  /** In the window, at most 10. */
  worst_hit: WorstHit[]
  /** In the window, the newest first; `limit` and `cursor` are theirs. */
  occurrences: { items: Occurrence[]; next?: string }
  /** What was decided about it, the newest first. */
  acts: Act[]
}

interface Seen {
  first: string
  last: string
  hits: number
}

const SEEN = `toUInt64(sum(1 + toUInt64(repeated))) AS hits, toString(min(timestamp)) AS first, toString(max(timestamp)) AS last`

/** What is known of one error, and where did it happen? */
export async function group(store: Store, asked: string, search: Search, now: number): Promise<GroupAnswer> {
  const id = await resolveId(store, asked)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const only: Search = name => (name === 'group' ? undefined : search(name))
  const filters = readFilters(only, 'fault', window)
  const where: Condition = {
    sql: `${within.sql} AND ${filters.sql} AND ${IN_GROUP}`,
    parameters: { ...within.parameters, ...filters.parameters, group: id },
  }
  const [[figures], occurrences, releases, hit, certainty] = await Promise.all([
    readFigures(store, window, where),
    readOccurrences(store, search, where),
    readReleases(store, id),
    readWorstHit(store, where),
    completeness(store, search, window, now),
  ])
  const nothing = { id, hits: 0, people: 0, flows: [], slots: [[], []] as [number[], number[]] }
  const [described] = await describeGroups(store, only, window, [figures ?? nothing], now)
  if (!described) throw unknown('group', asked)
  const decisions = await readDecisions(store, described.site)
  return {
    group: described,
    causes: (occurrences.items[0]?.causes ?? []).map(({ exception_type, exception_message }) => ({
      exception_type,
      exception_message,
    })),
    releases,
    worst_hit: hit,
    occurrences,
    acts: listActs(partOf(decisions, id)),
    ...certainty,
  }
}

/** What an id stands for: the group it was merged into; of one that was split, the piece that is hit most. */
async function resolveId(store: Store, asked: string): Promise<string> {
  const states = await readStates(store)
  const id = states.get(asked)?.target || asked
  if (!states.get(id)?.isSplit) return id
  const [most] = await store.query<{ id: string }>(
    `SELECT ${GROUP_OF} AS id FROM events WHERE ${IS_FAULT} AND ${IN_GROUP}
     GROUP BY id ORDER BY sum(1 + toUInt64(repeated)) DESC, id LIMIT 1`,
    { group: id },
  )
  return most?.id ?? id
}

async function readOccurrences(
  store: Store,
  search: Search,
  where: Condition,
): Promise<GroupAnswer['occurrences']> {
  const limit = readLimit(search)
  const after = afterCursor(search, '(timestamp, event_id)')
  const found = await store.query<Place & { raw: string; frames: string }>(
    `SELECT toString(timestamp) AS at, event_id AS id, raw, frames FROM events
     WHERE ${IS_FAULT} AND ${where.sql}${after ? ` AND ${after.sql}` : ''}
     ORDER BY timestamp DESC, event_id DESC LIMIT ${limit + 1}`,
    { ...where.parameters, ...after?.parameters },
  )
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(({ raw, frames }) => {
      const event = JSON.parse(raw) as AnalyticsEvent
      return { event, ...readFrames(event, frames) }
    }),
    ...(found.length > limit && last ? { next: formatCursor(last) } : {}),
  }
}

async function readReleases(store: Store, id: string): Promise<GroupRelease[]> {
  const rows = await store.query<Seen & { release: string }>(
    `SELECT release, ${SEEN} FROM events WHERE ${IS_FAULT} AND ${IN_GROUP}
     GROUP BY release ORDER BY last DESC, release LIMIT 100`,
    { group: id },
  )
  return rows.map(({ release, ...seen }) => ({ release: release || null, ...showSeen(seen) }))
}

async function readWorstHit(store: Store, where: Condition): Promise<WorstHit[]> {
  const rows = await store.query<Seen & { who: string }>(
    `SELECT ${WHO} AS who, ${SEEN} FROM events WHERE ${IS_FAULT} AND ${where.sql} AND who != ''
     GROUP BY who ORDER BY hits DESC, who LIMIT 10`,
    where.parameters,
  )
  return rows.map(({ who, ...seen }) => {
    const { count, last_seen } = showSeen(seen)
    return { user: who, count, last_seen }
  })
}

function showSeen({ hits, first, last }: Seen): Pick<GroupRelease, 'count' | 'first_seen' | 'last_seen'> {
  return { count: Number(hits), first_seen: isoOf(first), last_seen: isoOf(last) }
}
