import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { CollectorError, Refusal } from '../../errors.js'
import type { Parameter } from '../store.js'
import type { Address } from './address.js'

/** A question that takes longer, or more memory on a server, is a clean error. */
const QUERY_LIMITS = { max_execution_time: 10, max_memory_usage: String(1024 ** 3) }
/** Beyond what the server allows itself, milliseconds. */
const TIMEOUT_MS = 30_000

/** What makes a server answer as the embedded engine does, whatever its own defaults are. */
const SETTINGS = {
  output_format_json_quote_64bit_integers: 0,
  session_timezone: 'UTC',
  // A look-up of what another shard has is made once and its result handed on.
  distributed_product_mode: 'global',
  prefer_global_in_and_join: 1,
  // An answer without a shard's events would be taken for a whole one.
  skip_unavailable_shards: 0,
} as const

/** Codes of a server, or of another one it asks, that is out of reach or has too much to do. */
const OUT_OF_REACH: ReadonlySet<string> = new Set(['202', '209', '210', '279', '425'])

export type Parameters = Readonly<Record<string, Parameter>>

/** One ClickHouse server, asked over HTTP. */
export interface Node {
  /** `host:8123`: what a message may say of it. */
  readonly name: string
  /** @throws {Unreachable} or an error with `clickhouseCode` */
  query<T>(sql: string, parameters?: Parameters): Promise<T[]>
  /** A statement without an answer; it may take as long as it does. */
  command(sql: string, parameters?: Parameters): Promise<void>
  /**
   * Resolves when the rows are durable on this server.
   * @param token what makes the same rows, sent again, be stored once
   */
  insert(table: string, body: string, token: string): Promise<void>
  close(): Promise<void>
}

/** The server could not be asked: to a client this is 503, as it is worth another try. */
export class Unreachable extends Refusal {
  readonly server: string

  constructor(server: string, cause: unknown) {
    super(503, 'ClickHouse does not answer.', { 'Retry-After': '5' }, { cause })
    this.name = 'Unreachable'
    this.server = server
  }
}

/** What the server said, with its code where the question's own weight is told by it. */
class StatementError extends Error {
  readonly clickhouseCode: number
  readonly server: string

  constructor(server: string, error: ClickHouseError) {
    super(error.message.slice(0, 1000))
    this.name = 'StatementError'
    this.clickhouseCode = Number(error.code)
    this.server = server
  }
}

export function connect({ origin, username, password }: Address, database?: string): Node {
  const name = new URL(origin).host
  const client = createClient({
    url: origin,
    username,
    password,
    ...(database === undefined ? {} : { database }),
    application: 'justanalytics-collector',
    request_timeout: TIMEOUT_MS,
    // Values can be longer than an address may be.
    use_multipart_params_auto: true,
    clickhouse_settings: SETTINGS,
    // What goes wrong is told by whoever asked; values of events are not to be logged.
    log: { level: ClickHouseLogLevel.OFF },
  })

  async function attempt<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (error) {
      if (error instanceof ClickHouseError && !OUT_OF_REACH.has(error.code))
        throw new StatementError(name, error)
      throw new Unreachable(name, error)
    }
  }

  return {
    name,
    query: <T>(query: string, query_params: Parameters = {}) =>
      attempt(async () => {
        const result = await client.query({
          query,
          query_params,
          format: 'JSONEachRow',
          clickhouse_settings: QUERY_LIMITS,
        })
        return result.json<T>()
      }),
    command: (query, query_params = {}) =>
      attempt(async () => {
        await client.command({ query, query_params, clickhouse_settings: { wait_end_of_query: 1 } })
      }),
    insert: (table, body, token) =>
      attempt(async () => {
        const { stream } = await client.exec({
          query: `INSERT INTO ${table} FORMAT JSONEachRow\n${body}`,
          clickhouse_settings: {
            wait_end_of_query: 1,
            async_insert: 0,
            distributed_foreground_insert: 0,
            insert_deduplicate: 1,
            insert_deduplication_token: token,
          },
        })
        for await (const _ of stream) {
          // Only its end tells that the rows are stored.
        }
      }),
    close: () => client.close(),
  }
}

/** Why a server that was reached lets nobody in, told by its code. */
const REFUSALS: Readonly<Record<number, (name: string, user: string) => string>> = {
  516: (name, user) =>
    `ClickHouse at ${name} does not let the user ${JSON.stringify(user)} in: see to the name and the password in its address.`,
  497: (name, user) =>
    `ClickHouse at ${name} denies the user ${JSON.stringify(user)} a right that the collector needs: grant it CREATE, ALTER, SELECT, INSERT and DROP on the database, and SYSTEM FLUSH DISTRIBUTED and REMOTE on a cluster.`,
}

/** The sentence for a server that cannot be worked with. */
export function explain(error: unknown, { username }: Address): unknown {
  if (error instanceof StatementError) {
    const { server, clickhouseCode: code, message } = error
    const reason =
      REFUSALS[code]?.(server, username) ??
      `ClickHouse at ${server} is not as expected (code ${code}): ${message.split('\n')[0]}`
    return new CollectorError(reason, { cause: error })
  }
  if (!(error instanceof Unreachable)) return error
  const cause = error.cause as NodeJS.ErrnoException
  return new CollectorError(
    `ClickHouse at ${error.server} does not answer (${cause.code || cause.message.split('\n')[0]}): see whether it runs, and whether \`--clickhouse\` has its HTTP port, usually 8123.`,
    { cause },
  )
}
