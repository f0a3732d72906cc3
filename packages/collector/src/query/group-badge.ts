import { GROUP_OF, type GroupState } from '../grouping/state.js'
import { BY_PROJECTION } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { readPlace } from './filters.js'
import type { Search, Window } from './parameters.js'
import { IS_FAULT } from './stored.js'

/** What stands beside a group; `null`: nothing to say. */
export type Badge = 'NEW' | 'GROWN' | 'REGRESSED' | 'MUTED' | null

/** Grown: at least so many, and so many times as many as in the same time before. */
const GROWN_LEAST = 10
const GROWN_TIMES = 3

export interface Standing {
  isMuted: boolean
  /** It was resolved, and came again in a release that is newer. */
  isRegressed: boolean
  /** It was first seen in the window. */
  isNew: boolean
  count: number
  /** Of the same time before the window. */
  before: number
  /** How much of that time is known, from 0 to 1: an installation or a release may be younger. */
  known: number
}

export function badgeOf({ isMuted, isRegressed, isNew, count, before, known }: Standing): Badge {
  if (isMuted) return 'MUTED'
  if (isRegressed) return 'REGRESSED'
  if (isNew) return 'NEW'
  return known > 0 && count >= GROWN_LEAST && count * known >= GROWN_TIMES * before ? 'GROWN' : null
}

/** How much is known of the same time before a window, by site: what was before its first event is not. */
export async function readKnown(
  store: Store,
  search: Search,
  { from, to }: Window,
): Promise<Map<string, number>> {
  const place = readPlace(search)
  const release = search('release')
  const rows = await store.query<{ site: string; since: number }>(
    `SELECT site, toUnixTimestamp64Milli(min(first)) AS since
     FROM (
       SELECT site, environment, release, toStartOfMinute(timestamp) AS minute, min(timestamp) AS first
       FROM events WHERE ${place.sql} ${release === undefined ? '' : 'AND release = {release:String}'}
       GROUP BY site, environment, release, minute
     )
     GROUP BY site ${BY_PROJECTION}`,
    { ...place.parameters, ...(release !== undefined && { release }) },
  )
  return new Map(
    rows.map(({ site, since }) => [site, Math.min(1, Math.max(0, (from - Number(since)) / (to - from)))]),
  )
}

export function isMuted({ status, mutedUntil }: GroupState, now: number): boolean {
  return status === 'muted' && (mutedUntil === 0 || mutedUntil > now)
}

/**
 * Which of these groups were resolved and came again in a release first seen after that? One that
 * tells no release counts from the moment it was resolved.
 */
export async function isRegressed(
  store: Store,
  ids: readonly string[],
  states: ReadonlyMap<string, GroupState>,
): Promise<Set<string>> {
  const resolved = ids.flatMap(id => {
    const state = states.get(id)
    return state?.status === 'resolved' ? [{ id, at: state.resolvedAt }] : []
  })
  if (resolved.length === 0) return new Set()
  const rows = await store.query<{ id: string; came: number }>(
    `SELECT id, toUnixTimestamp64Milli(if(release = '', last, first)) AS came
     FROM (
       SELECT ${GROUP_OF} AS id, site, release, max(timestamp) AS last FROM events
       WHERE ${IS_FAULT} AND id IN {ids:Array(String)} GROUP BY id, site, release
     ) AS hit
     LEFT JOIN (SELECT site, release, min(timestamp) AS first FROM events GROUP BY site, release) AS born
       USING (site, release)`,
    { ids: resolved.map(({ id }) => id) },
  )
  const at = new Map(resolved.map(each => [each.id, each.at]))
  return new Set(rows.filter(({ id, came }) => Number(came) > (at.get(id) ?? 0)).map(({ id }) => id))
}
