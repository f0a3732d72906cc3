import { join } from 'node:path'
import type { Session } from 'chdb'
import { CollectorError } from '../errors.js'
import { bind } from './bind.js'
import { ADDED, MERGING, retentionClause, TABLES } from './schema.js'
import { identity, type Parameter, type Row, type Store } from './store.js'

const MIB = 1024 * 1024
/** Per question and per insert; a heavier one is a clean error. */
const MEMORY_BYTES = 512 * MIB
const QUERY_SECONDS = 10

const SETTINGS = `SET max_threads = 2, max_memory_usage = ${MEMORY_BYTES}, max_execution_time = ${QUERY_SECONDS},
  -- Compiling an expression takes longer than any question here does without.
  compile_expressions = 0, compile_aggregate_expressions = 0, compile_sort_description = 0,
  -- To start a thread takes longer than to look through the index.
  max_threads_for_indexes = 1,
  -- No question is for a count or the ends of everything, and those that a projection answers say so.
  optimize_use_projections = 0, optimize_use_implicit_projections = 0,
  -- A list of values is part of its statement.
  max_query_size = ${16 * MIB}, max_ast_elements = 1000000, max_expanded_ast_elements = 1000000`

/** The engine's own bounds are those of a server with the machine to itself: 5 GiB each. */
const CACHES = {
  mark_cache_size: 32 * MIB,
  primary_index_cache_size: 32 * MIB,
  index_mark_cache_size: 8 * MIB,
  query_condition_cache_size: 8 * MIB,
}

/** Statements that run side by side: more than cores would only wait for each other in another place. */
const READERS = 2

/** Ids a gathered batch brings, looked up without binding them one by one. */
const CANDIDATES = 'CREATE TABLE IF NOT EXISTS candidates (site String, event_id String) ENGINE = Memory'

/** The engine, told apart by why it cannot be had. */
async function loadEngine(): Promise<typeof import('chdb')> {
  try {
    return await import('chdb')
  } catch (error) {
    const platform = `${process.platform}-${process.arch}`
    throw new CollectorError(
      `The embedded store has no engine here: chDB's library for ${platform} (\`@chdb/lib-${platform}${process.platform === 'linux' ? '-gnu' : ''}\`) is not installed or does not load; it exists for Linux (glibc) and macOS on x64 and arm64, and comes as an optional dependency, so install again without \`--omit=optional\`.`,
      { cause: error },
    )
  }
}

function open(engine: typeof import('chdb'), folder: string): Session {
  try {
    return new engine.Session(folder, {
      connectionArgs: Object.entries(CACHES).map(([name, bytes]) => `--${name}=${bytes}`),
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const advice = reason.includes('one active data directory')
      ? 'one process can hold one store, so close the other collector of this process first'
      : 'see whether another process holds it, and whether it is writable and has room'
    throw new CollectorError(`The store in ${folder} does not open (${reason}): ${advice}.`, { cause: error })
  }
}

function prepare(writer: Session, readers: readonly Session[], retentionSeconds: number | undefined): void {
  for (const session of [writer, ...readers]) session.query(SETTINGS)
  // An insert that is cut short would be neither stored nor refused.
  writer.query('SET max_execution_time = 0')
  for (const table of TABLES) writer.query(table)
  writer.query(CANDIDATES)
  const definition = writer.query(
    "SELECT create_table_query FROM system.tables WHERE name = 'events'",
    'TSVRaw',
  )
  // Each ALTER writes and syncs the table's definition anew, whether it changes anything or not.
  const missing = ADDED.filter(({ sign }) => !definition.includes(sign))
  if (missing.length > 0) writer.query(`ALTER TABLE events ${missing.map(({ clause }) => clause).join(', ')}`)
  if (!definition.includes(MERGING)) writer.query(`ALTER TABLE events MODIFY SETTING ${MERGING}`)
  if (retentionSeconds === undefined) return
  const clause = retentionClause(retentionSeconds)
  if (!definition.includes(clause)) writer.query(`ALTER TABLE events MODIFY TTL ${clause}`)
}

/**
 * Opens the store embedded in this process. The folder must be this process's own (lock.ts).
 * @param retentionSeconds undefined leaves it as it is
 * @throws {CollectorError}
 */
export async function openEmbeddedStore(data: string, retentionSeconds: number | undefined): Promise<Store> {
  const engine = await loadEngine()
  const folder = join(data, 'store')
  // One session is serial: inserts have one, questions the others.
  const writer = open(engine, folder)
  const readers = Array.from({ length: READERS }, () => open(engine, folder))
  const closeAll = () => {
    for (const session of [writer, ...readers]) session.close()
  }
  try {
    prepare(writer, readers, retentionSeconds)
  } catch (error) {
    closeAll()
    throw new CollectorError(`The store in ${folder} is not as expected: ${(error as Error).message}`, {
      cause: error,
    })
  }

  /** A session's statements run one after the other: a look-up and its candidates must not mix with another's. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const result = turn.then(task)
    turn = result.catch(() => {})
    return result
  }

  const insert = async (table: string, lines: readonly string[]) => {
    await writer.insert({ table, values: Buffer.from(lines.join('\n')), format: 'JSONEachRow' })
  }

  const idle = [...readers]
  const waiting: ((reader: Session) => void)[] = []

  let closing: Promise<void> | undefined
  return {
    name: 'embedded',

    existing: rows =>
      inTurn(async () => {
        await writer.queryAsync('TRUNCATE TABLE candidates')
        await insert(
          'candidates',
          rows.map(({ site, event_id }) => JSON.stringify({ site, event_id })),
        )
        const found = await writer.queryAsync(
          'SELECT site, event_id FROM events WHERE (site, event_id) IN (SELECT site, event_id FROM candidates)',
          { format: 'JSONEachRow' },
        )
        return new Set(parseLines<Row>(found.text()).map(identity))
      }),

    insert: (table, lines) => inTurn(() => insert(table, lines)),

    async query<T>(sql: string, parameters: Readonly<Record<string, Parameter>> = {}): Promise<T[]> {
      const statement = bind(sql, parameters)
      const reader = idle.pop() ?? (await new Promise<Session>(resolve => waiting.push(resolve)))
      try {
        const result = await reader.queryAsync(statement, { format: 'JSONEachRow' })
        return parseLines<T>(result.text())
      } finally {
        const next = waiting.shift()
        if (next) next(reader)
        else idle.push(reader)
      }
    },

    close() {
      closing ??= turn.then(async () => {
        await engine.drainPending()
        closeAll()
        await engine.drainPending()
      })
      return closing
    },
  }
}

function parseLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as T)
}
