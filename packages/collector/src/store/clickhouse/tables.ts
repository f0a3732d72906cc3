import { CollectorError } from '../../errors.js'
import { COLUMNS_ADDED, retentionClause, TABLES } from '../schema.js'
import type { Node } from './node.js'

/** Inserts that a table remembers the tokens of: one that is sent again is not stored again. */
const REMEMBERED = 1000

/** Tells rows of one event apart that two collectors stored at the same time; the embedded store needs none. */
const INSERT_ID = 'insert_id UInt32 CODEC(ZSTD(1))'

/** Which of a cluster's shards has a row: all there is of one event on one, so that it is counted once. */
const SHARDING: Readonly<Record<string, string>> = { events: 'cityHash64(site, event_id)' }

/** What the rows are in on one server; in a cluster the table of that name is the way to all of them. */
export function localName(table: string, cluster: string | undefined): string {
  return cluster === undefined ? table : `${table}_local`
}

const nameIn = (sql: string) => /^\s*(?:CREATE TABLE IF NOT EXISTS|ALTER TABLE) (\w+)/.exec(sql)?.[1] ?? ''

const NAMES = TABLES.map(nameIn)

/**
 * Makes the database and what of the tables is missing on one server.
 * @throws {CollectorError} for tables of the other kind; what the server says
 */
export async function prepareNode(
  node: Node,
  database: string,
  cluster: string | undefined,
  retentionSeconds: number,
): Promise<void> {
  await makeDatabase(node, database)
  const found = await definitions(node, database)
  checkKind(found, node, database, cluster)
  const local = (sql: string) => sql.replace(nameIn(sql), `${database}.${localName(nameIn(sql), cluster)}`)
  const events = `${database}.${localName('events', cluster)}`
  for (const sql of [...TABLES, ...COLUMNS_ADDED].map(local)) await node.command(sql)
  await node.command(`ALTER TABLE ${events} ADD COLUMN IF NOT EXISTS ${INSERT_ID}`)
  for (const name of NAMES)
    await node.command(
      `ALTER TABLE ${database}.${localName(name, cluster)} MODIFY SETTING non_replicated_deduplication_window = ${REMEMBERED}`,
    )
  const clause = retentionClause(retentionSeconds)
  if (!found.get(localName('events', cluster))?.sql.includes(clause))
    await node.command(`ALTER TABLE ${events} MODIFY TTL ${clause}`)
  if (cluster === undefined) return
  for (const name of NAMES)
    await node.command(
      `CREATE TABLE IF NOT EXISTS ${database}.${name} AS ${database}.${name}_local
       ENGINE = Distributed(${cluster}, ${database}, ${name}_local, ${SHARDING[name] ?? 'cityHash64(site)'})
       SETTINGS fsync_after_insert = 1, fsync_directories = 1, background_insert_max_sleep_time_ms = 1000`,
    )
  for (const column of COLUMNS_ADDED) await node.command(column.replace(nameIn(column), `${database}.events`))
  await node.command(`ALTER TABLE ${database}.events ADD COLUMN IF NOT EXISTS ${INSERT_ID}`)
}

/** Whoever has a database made for the collector need not let it make one. */
async function makeDatabase(node: Node, database: string): Promise<void> {
  const found = await node.query('SELECT 1 FROM system.databases WHERE name = {database:String}', {
    database,
  })
  if (found.length === 0) await node.command(`CREATE DATABASE IF NOT EXISTS ${database}`)
}

interface Definition {
  name: string
  engine: string
  sql: string
}

async function definitions(node: Node, database: string): Promise<Map<string, Definition>> {
  const rows = await node.query<Definition>(
    'SELECT name, engine, create_table_query AS sql FROM system.tables WHERE database = {database:String}',
    { database },
  )
  return new Map(rows.map(row => [row.name, row]))
}

function checkKind(
  found: ReadonlyMap<string, Definition>,
  node: Node,
  database: string,
  cluster: string | undefined,
): void {
  const engine = found.get('events')?.engine
  if (engine === undefined || (engine === 'Distributed') === (cluster !== undefined)) return
  const [is, advice] = cluster
    ? ['of a single server', 'leave `--cluster` out, or choose another database']
    : ['spread over a cluster', 'name it with `--cluster`, or choose another database']
  throw new CollectorError(
    `The tables in the database ${database} of ClickHouse at ${node.name} are ${is}: ${advice}.`,
  )
}
