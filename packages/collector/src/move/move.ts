import { CollectorError } from '../errors.js'
import { moment } from '../store/schema.js'
import { identity, type Row, type Store } from '../store/store.js'

/** Rows that are read, looked up and stored at a time. */
const BATCH = 5000
/** The same for tables whose rows may be heavy. */
const FEW = 20

/** Rows that are not past their time. */
const LIVING = "received_at >= {since:DateTime64(3, 'UTC')}"

/** The tables beside `events`; they are small, and a row there is known by all that it holds. */
const OTHERS = ['marks', 'acts', 'maps'] as const

export interface Moved {
  table: string
  /** Rows that the embedded store has. */
  rows: number
  /** Rows of these that were not there yet. */
  copied: number
}

export interface MoveOptions {
  /** Events received before are past their time, and the other store would drop them; milliseconds. */
  since: number
  /** Called as rows are through. */
  onProgress(table: string, done: number, rows: number): void
  /** Ends it between two batches; what was copied stays, and the next run goes on from there. */
  signal: AbortSignal
}

/**
 * Copies all that a store has to another one, where it may run as often as needed: rows that are there
 * already are not copied again. Nothing is deleted.
 * @throws {CollectorError} if the other store has less of a table in the end
 */
export async function moveStore(from: Store, to: Store, options: MoveOptions): Promise<Moved[]> {
  // A merge would give rows another place amid the reading.
  await from.query('SYSTEM STOP MERGES')
  const moved = [await moveEvents(from, to, options)]
  for (const table of OTHERS) moved.push(await moveOther(from, to, table, options))
  return moved
}

interface Part {
  name: string
  rows: number
  /** Where its last row is. */
  last: number
}

async function moveEvents(from: Store, to: Store, options: MoveOptions): Promise<Moved> {
  const since = { since: moment(options.since) }
  const parts = await from.query<Part>(
    `SELECT _part AS name, count() AS rows, max(_part_offset) AS last FROM events WHERE ${LIVING}
     GROUP BY _part ORDER BY min(received_at)`,
    since,
  )
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  let done = 0
  let copied = 0
  for (const part of parts) {
    for (let first = 0; first <= part.last; first += BATCH) {
      options.signal.throwIfAborted()
      const batch = await from.query<Row>(
        `SELECT * FROM events WHERE _part = {part:String} AND _part_offset >= {first:UInt64}
           AND _part_offset < {end:UInt64} AND ${LIVING}`,
        { part: part.name, first, end: first + BATCH, ...since },
      )
      if (batch.length === 0) continue
      const known = await to.existing(batch)
      const missing = batch.filter(row => !known.has(identity(row)))
      if (missing.length > 0) await to.insert('events', missing.map(toLine))
      copied += missing.length
      done += batch.length
      options.onProgress('events', done, rows)
    }
  }
  await compare(
    from,
    to,
    'events',
    `SELECT concat(site, ' on ', toString(toDate(timestamp))) AS name, count() AS rows FROM events WHERE ${LIVING} GROUP BY name`,
    since,
  )
  return { table: 'events', rows, copied }
}

async function moveOther(
  from: Store,
  to: Store,
  table: (typeof OTHERS)[number],
  { onProgress, signal }: MoveOptions,
): Promise<Moved> {
  const hash = `toString(sipHash64(${await columnsOf(from, table)}))`
  const hashesIn = async (store: Store) =>
    new Set(
      (await store.query<{ hash: string }>(`SELECT DISTINCT ${hash} AS hash FROM ${table}`)).map(
        row => row.hash,
      ),
    )
  const [here, there] = [await hashesIn(from), await hashesIn(to)]
  const missing = [...here].filter(each => !there.has(each))
  for (let first = 0; first < missing.length; first += FEW) {
    signal.throwIfAborted()
    const batch = await from.query<object>(
      `SELECT DISTINCT * FROM ${table} WHERE ${hash} IN {hashes:Array(String)}`,
      { hashes: missing.slice(first, first + FEW) },
    )
    await to.insert(table, batch.map(toLine))
    onProgress(table, first + batch.length, here.size)
  }
  await compare(from, to, table, `SELECT 'all' AS name, uniqExact(${hash}) AS rows FROM ${table}`)
  return { table, rows: here.size, copied: missing.length }
}

function toLine(row: object): string {
  return JSON.stringify(row)
}

async function columnsOf(store: Store, table: string): Promise<string> {
  const columns = await store.query<{ name: string }>(
    'SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
    { table },
  )
  return columns.map(column => column.name).join(', ')
}

/** Is each of these figures, by its name, at least as large there? The other store may have more: events go on coming in. */
async function compare(
  from: Store,
  to: Store,
  table: string,
  sql: string,
  parameters: Record<string, string> = {},
): Promise<void> {
  const figures = async (store: Store) => {
    const rows = await store.query<{ name: string; rows: number }>(sql, parameters)
    return new Map(rows.map(({ name, rows }) => [name, rows]))
  }
  const [here, there] = [await figures(from), await figures(to)]
  const lacking = [...here].filter(([name, rows]) => (there.get(name) ?? 0) < rows)
  const [first] = lacking
  if (first)
    throw new CollectorError(
      `ClickHouse has ${there.get(first[0]) ?? 0} of ${first[1]} rows of the table ${table} (${first[0]}): run it again.`,
    )
}
