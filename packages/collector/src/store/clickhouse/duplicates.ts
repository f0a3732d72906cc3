import { moment } from '../schema.js'
import type { Row } from '../store.js'
import type { Node } from './node.js'

interface Stored {
  site: string
  event_id: string
  /** Receipt and insert of each row of the event, in milliseconds and as a number, the first one first. */
  rows: [received: number, insert: number][]
}

/**
 * Events stored more than once on this server lose all rows but the one received first.
 *
 * Collectors look an event up before they store it, but two that do so at the same moment both find
 * nothing: ClickHouse has no uniqueness to ask for. So each looks again once its rows are stored, before it
 * answers. Whichever looks last sees the rows of both, and both agree on which row stays.
 * @param condition SQL on the rows that may be such
 */
async function removeWhere(
  node: Node,
  table: string,
  condition: string,
  parameters: Record<string, string | readonly string[]>,
): Promise<void> {
  const found = await node.query<Stored>(
    `SELECT site, event_id,
       arraySort(groupArray((toUnixTimestamp64Milli(received_at), insert_id))) AS rows
     FROM ${table} WHERE ${condition} GROUP BY site, event_id HAVING count() > 1`,
    parameters,
  )
  const surplus = found.flatMap(({ site, event_id, rows }) =>
    rows.slice(1).map(([received, insert]) => ({ site, event_id, received, insert })),
  )
  for (const part of portions(surplus))
    await node.command(
      `ALTER TABLE ${table} DELETE WHERE event_id IN {ids:Array(String)}
         AND has({rows:Array(String)}, concat(toString(toUnixTimestamp64Milli(received_at)), ' ', toString(insert_id), ' ', site, ' ', event_id))
       SETTINGS mutations_sync = 1`,
      {
        ids: [...new Set(part.map(row => row.event_id))],
        rows: part.map(row => `${row.received} ${row.insert} ${row.site} ${row.event_id}`),
      },
    )
}

/** Among events that were just stored. */
export async function removeDuplicates(node: Node, table: string, rows: readonly Row[]): Promise<void> {
  for (const part of portions(rows)) await removeWhere(node, table, SAME_IDS, idsOf(part))
}

/** Among all that was received since a moment, in milliseconds: what a server missed may have reached it since. */
export function removeDuplicatesSince(node: Node, table: string, since: number): Promise<void> {
  return removeWhere(node, table, "received_at >= {since:DateTime64(3, 'UTC')}", { since: moment(since) })
}

type Identified = Pick<Row, 'site' | 'event_id'>

/** What one value of a statement may hold: a server refuses it beyond 128 KiB. */
const PORTION_BYTES = 100_000

/** Rows whose ids fit into one statement, escaped and with their moments. */
export function* portions<T extends Identified>(rows: readonly T[]): Generator<T[]> {
  let part: T[] = []
  let bytes = 0
  for (const row of rows) {
    const more = 2 * Buffer.byteLength(row.site + row.event_id) + 40
    if (bytes + more > PORTION_BYTES) {
      yield part
      part = []
      bytes = 0
    }
    part.push(row)
    bytes += more
  }
  if (part.length > 0) yield part
}

/** Rows that may be of these events: an id that two sites have is both's. */
export const SAME_IDS = 'site IN {sites:Array(String)} AND event_id IN {ids:Array(String)}'

export function idsOf(rows: readonly Identified[]): { sites: string[]; ids: string[] } {
  return { sites: [...new Set(rows.map(row => row.site))], ids: rows.map(row => row.event_id) }
}
