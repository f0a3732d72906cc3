import { tellGroup } from '../query/group-id.js'
import { receivedSince } from '../query/parameters.js'
import { IS_FAULT } from '../query/stored.js'
import { moment } from '../store/schema.js'
import type { Store } from '../store/store.js'

/** An error group of which nothing had been received, though it happened before: its events waited in a spool. */
export interface LateGroup {
  site: string
  environment: string
  id: string
  /** Its first event, milliseconds since the epoch. */
  first: number
}

/** Groups that happened before a moment, and of which nothing was received before it. */
export async function readLateGroups(store: Store, since: number): Promise<LateGroup[]> {
  const groupOf = await tellGroup(store)
  const parameters = { since: moment(since) }
  const late = await store.query<Omit<LateGroup, 'first'>>(
    `SELECT DISTINCT site, environment, ${groupOf} AS id FROM events
     WHERE ${IS_FAULT} AND group_id != '' AND timestamp < {since:DateTime64(3, 'UTC')}
       AND received_at >= {since:DateTime64(3, 'UTC')} AND ${receivedSince('since')}`,
    parameters,
  )
  if (late.length === 0) return []
  const unknown = await store.query<{ id: string; first: number }>(
    `SELECT ${groupOf} AS id, toUnixTimestamp64Milli(min(timestamp)) AS first FROM events
     WHERE ${IS_FAULT} AND group_id != '' AND id IN {ids:Array(String)}
     GROUP BY id HAVING min(received_at) >= {since:DateTime64(3, 'UTC')}`,
    { ...parameters, ids: late.map(({ id }) => id) },
  )
  const firsts = new Map(unknown.map(({ id, first }) => [id, Number(first)]))
  return late.flatMap(group => {
    const first = firsts.get(group.id)
    return first === undefined ? [] : [{ ...group, first }]
  })
}
