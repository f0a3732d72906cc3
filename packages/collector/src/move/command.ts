import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CollectorError } from '../errors.js'
import { DEFAULTS, readClickHouse, readCluster } from '../options.js'
import { openEmbeddedStore } from '../store/chdb.js'
import { type ClickHouseOptions, openClickHouseStore } from '../store/clickhouse/store.js'
import { lockFolder } from '../store/lock.js'
import type { Store } from '../store/store.js'
import { type Moved, moveStore } from './move.js'

const TELL_EVERY_MS = 1000
const INTERRUPTED = 130

const HELP = `Usage: justanalytics-collector move --to http://USER:PASSWORD@HOST:8123/DATABASE [--cluster NAME] [--data FOLDER]

Copies the events of a stopped collector's folder to a ClickHouse server; nothing is deleted.

  --to ADDRESS      the server and its database, which is made if it is missing
  --cluster NAME    spread them over all servers of a cluster that this server knows
  --data FOLDER     the collector's folder (${DEFAULTS.data})
  --help`

interface Order extends Pick<ClickHouseOptions, 'address' | 'cluster'> {
  data: string
}

/** Undefined where help is all that is asked for. */
function readOrder(args: readonly string[], environment: NodeJS.ProcessEnv): Order | undefined {
  const text = { type: 'string' } as const
  const help = { type: 'boolean', short: 'h' } as const
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options: { to: text, cluster: text, data: text, help } }).values
    } catch (error) {
      throw new CollectorError(`${(error as Error).message.split(/\.\s|\n/)[0]} (see --help).`)
    }
  })()
  if (parsed.help) return undefined
  const of = (name: string) => environment[`JUSTANALYTICS_COLLECTOR_${name}`] || undefined
  const to = parsed.to ?? of('CLICKHOUSE')
  const cluster = readCluster(parsed.cluster ?? of('CLUSTER'))
  const data = resolve(parsed.data ?? of('DATA') ?? DEFAULTS.data)
  if (!existsSync(join(data, 'store')))
    throw new CollectorError(`There is no embedded store in ${data}: name its folder with \`--data\`.`)
  return { address: readClickHouse(to, 'to'), cluster, data }
}

/** How long the embedded store keeps events, as its table says. */
async function retentionOf(store: Store): Promise<number> {
  const [table] = await store.query<{ sql: string }>(
    "SELECT create_table_query AS sql FROM system.tables WHERE name = 'events'",
  )
  const seconds = Number(/TTL .*?toIntervalSecond\((\d+)\)/.exec(table?.sql ?? '')?.[1])
  if (!(seconds > 0)) throw new CollectorError('The embedded store does not say how long it keeps events.')
  return seconds
}

/** At most one line a second, and one for each table's end. */
function progress(): (table: string, done: number, rows: number) => void {
  let told = performance.now()
  return (table, done, rows) => {
    if (done < rows && performance.now() - told < TELL_EVERY_MS) return
    told = performance.now()
    console.log(`${table}: ${done} of ${rows}`)
  }
}

function sum(moved: readonly Moved[]): string {
  return moved.map(({ table, rows, copied }) => `${table} ${rows} (${copied} copied now)`).join(', ')
}

/**
 * `move`: copies an embedded store to ClickHouse. No collector may hold the folder meanwhile. A second run
 * copies what is not there yet; Ctrl-C ends it between two batches.
 * @throws {CollectorError}
 */
export async function runMove(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const order = readOrder(args, environment)
  if (!order) return console.log(HELP)
  const { address, cluster, data } = order
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())
  const cleanup: (() => void | Promise<void>)[] = [lockFolder(data)]
  try {
    const from = await openEmbeddedStore(data, undefined)
    cleanup.push(() => from.close())
    const retentionSeconds = await retentionOf(from)
    const to = await openClickHouseStore({ address, cluster, retentionSeconds })
    cleanup.push(() => to.close())
    const since = Date.now() - retentionSeconds * 1000
    const moved = await moveStore(from, to, { since, onProgress: progress(), signal: interruption.signal })
    console.log(`All is in ClickHouse: ${sum(moved)}. Nothing was deleted in ${data}.
Start the collector with the same --data, which has the keys, and with --clickhouse.`)
  } catch (error) {
    if (!interruption.signal.aborted) throw error
    console.error('Stopped. What was copied stays; the same command goes on from there.')
    process.exitCode = INTERRUPTED
  } finally {
    for (const step of cleanup.reverse()) await step()
  }
}
