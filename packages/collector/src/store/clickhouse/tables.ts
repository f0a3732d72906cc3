import { CollectorError } from '../../errors.js'
import { ADDED, MERGING, retentionClause, TABLES } from '../schema.js'
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
  const clause = retentionClause(retentionSeconds)
  const events = localName('events', cluster)
  for (const sql of TABLES) {
    const name = localName(nameIn(sql), cluster)
    if (!found.has(name)) await node.command(create(sql, `${database}.${name}`, clause))
  }
  const known = found.get(events)?.sql
  if (known !== undefined) await node.command(addColumns(`${database}.${events}`))
  if (known !== undefined && !known.includes(clause))
    await node.command(`ALTER TABLE ${database}.${events} MODIFY TTL ${clause}`)
  if (known !== undefined && !known.includes(MERGING))
    await node.command(`ALTER TABLE ${database}.${events} MODIFY SETTING ${MERGING}`)
  if (cluster === undefined) return
  for (const name of NAMES) if (!found.has(name)) await node.command(spread(name, database, cluster))
  if (found.has('events')) await node.command(addColumns(`${database}.events`, true))
}

/** The schema's own statement, with what only a server's table has. */
function create(sql: string, name: string, retention: string): string {
  const isEvents = nameIn(sql) === 'events'
  return sql
    .replace(nameIn(sql), name)
    .replace('(', isEvents ? `(\n  ${INSERT_ID},` : '(')
    .replace(
      '\nSETTINGS ',
      `\n${isEvents ? `TTL ${retention}\n` : ''}SETTINGS non_replicated_deduplication_window = ${REMEMBERED}, `,
    )
}

/** A table that only leads to others has columns and nothing else. */
function addColumns(table: string, onlyColumns = false): string {
  const added = ADDED.map(({ clause }) => clause).filter(
    clause => !onlyColumns || clause.startsWith('ADD COLUMN'),
  )
  return `ALTER TABLE ${table} ${[...added, `ADD COLUMN IF NOT EXISTS ${INSERT_ID}`].join(', ')}`
}

function spread(name: string, database: string, cluster: string): string {
  return `CREATE TABLE IF NOT EXISTS ${database}.${name} AS ${database}.${name}_local
    ENGINE = Distributed(${cluster}, ${database}, ${name}_local, ${SHARDING[name] ?? 'cityHash64(site)'})
    SETTINGS fsync_after_insert = 1, fsync_directories = 1, background_insert_max_sleep_time_ms = 1000`
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
