import { randomInt, randomUUID } from 'node:crypto'
import { CollectorError } from '../../errors.js'
import { identity, type Row, type Store } from '../store.js'
import type { Address } from './address.js'
import { findMembers } from './cluster.js'
import { idsOf, portions, removeDuplicates, removeDuplicatesSince, SAME_IDS } from './duplicates.js'
import { connect, explain, type Node, Unreachable } from './node.js'
import { localName, prepareNode } from './tables.js'

/** The oldest line of ClickHouse that is let in: what the tables and questions ask for is there since. */
const OLDEST = [25, 3] as const
/** How often what a server missed is handed over to it, milliseconds. */
const TEND_EVERY_MS = 2000
/** What a collector that was killed may have left undone is looked for this far back, milliseconds. */
const LOOK_BACK_MS = 3_600_000

export interface ClickHouseOptions {
  address: Address
  cluster: string | undefined
  retentionSeconds: number
}

/**
 * Opens the store on a ClickHouse server, or on every server of a cluster, and makes what is missing there.
 * @throws {CollectorError} in a sentence, for a server that is out of reach, lets nobody in or is too old
 */
export async function openClickHouseStore(options: ClickHouseOptions): Promise<Store> {
  // The database may not be there yet, and a connection to it would be refused.
  const entry = connect(options.address)
  try {
    await checkVersion(entry)
    return await open(entry, options)
  } catch (error) {
    throw explain(error, options.address)
  } finally {
    await entry.close()
  }
}

async function checkVersion(node: Node): Promise<void> {
  const [row] = await node.query<{ version: string }>('SELECT version() AS version')
  const [major = 0, minor = 0] = (row?.version ?? '').split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw new CollectorError(
      `ClickHouse at ${node.name} is version ${row?.version}, and the collector needs ${OLDEST.join('.')} or later: update it, or use the embedded store.`,
    )
}

async function open(entry: Node, options: ClickHouseOptions): Promise<Store> {
  const { address, cluster, retentionSeconds } = options
  const { database } = address
  const events = localName('events', cluster)
  const prepare = (node: Node) => prepareNode(node, database, cluster, retentionSeconds)

  let nodes: Node[] = []
  /** Since when each server may lack rows, or have some twice; milliseconds. */
  const doubts = new Map<string, number>()
  /** Servers that did not answer the last time: they are asked last, and not waited for. */
  const away = new Set<string>()
  let missing = false

  async function gather(from: Node): Promise<void> {
    if (cluster === undefined) {
      nodes = [connect(address, database)]
      return prepare(from)
    }
    const members = await findMembers(from, address, cluster, nodes)
    const added = members.nodes.filter(node => !nodes.includes(node))
    await Promise.all(
      added.map(async ({ name }) => {
        const plain = connect({ ...address, origin: `${new URL(address.origin).protocol}//${name}` })
        await prepare(plain).finally(() => plain.close())
        doubts.set(name, Date.now() - LOOK_BACK_MS)
      }),
    )
    // One that is away for now stays known.
    nodes = [...members.nodes, ...nodes.filter(node => !members.nodes.includes(node))]
    missing = members.missing
  }

  /** Asks the servers in turn until one answers. */
  async function anywhere<T>(task: (node: Node) => Promise<T>): Promise<T> {
    let failure: unknown
    for (const node of nodes.toSorted((a, b) => Number(away.has(a.name)) - Number(away.has(b.name)))) {
      try {
        const answer = await task(node)
        away.delete(node.name)
        return answer
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error
        away.add(node.name)
        doubt(node, Date.now())
        failure = error
      }
    }
    throw failure
  }

  const doubt = (node: Node, since: number) => {
    if (!doubts.has(node.name)) doubts.set(node.name, since)
  }

  /** What came in on this server goes on to those it belongs to; what cannot, waits on its disk. */
  const handOver = (node: Node, table: string) =>
    cluster === undefined ? Promise.resolve() : node.command(`SYSTEM FLUSH DISTRIBUTED ${database}.${table}`)

  async function insertRows(table: string, lines: readonly string[]): Promise<void> {
    const began = Date.now()
    const token = randomUUID()
    try {
      await anywhere(async node => {
        await node.insert(table, lines.join('\n'), token)
        // They are durable now. A server that is down gets its part later.
        await handOver(node, table).catch(() => doubt(node, began))
      })
    } catch (error) {
      // Whether they were stored after all is not known.
      for (const node of nodes) doubt(node, began)
      throw error
    }
  }

  async function settle(rows: readonly Row[], began: number): Promise<void> {
    await Promise.all(
      nodes.map(async node => {
        if (away.has(node.name)) return doubt(node, began)
        await removeDuplicates(node, events, rows).catch(error => {
          if (error instanceof Unreachable) away.add(node.name)
          doubt(node, began)
        })
      }),
    )
  }

  async function tend(): Promise<void> {
    if (missing) await anywhere(gather).catch(() => {})
    const doubted = nodes.filter(node => doubts.has(node.name))
    const through = await Promise.all(doubted.map(handOverAll))
    if (!through.every(Boolean)) return
    for (const node of doubted) {
      const since = doubts.get(node.name) ?? 0
      doubts.delete(node.name)
      await removeDuplicatesSince(node, events, since).catch(() => doubts.set(node.name, since))
    }
  }

  /** `false`: something still waits on this server, or it does not answer. */
  async function handOverAll(node: Node): Promise<boolean> {
    try {
      const waiting = await node.query<{ table: string }>(
        'SELECT DISTINCT table FROM system.distribution_queue WHERE database = {database:String} AND data_files > 0',
        { database },
      )
      away.delete(node.name)
      for (const { table } of waiting) await handOver(node, table)
      return true
    } catch {
      return false
    }
  }

  await gather(entry)
  for (const node of nodes) doubts.set(node.name, Date.now() - LOOK_BACK_MS)
  let tending = tend()
  const timer = setInterval(() => {
    if (doubts.size > 0 || missing) tending = tending.then(tend)
  }, TEND_EVERY_MS)
  timer.unref()

  let closing: Promise<void> | undefined
  return {
    name: 'clickhouse',

    async existing(rows) {
      const asked = new Set(rows.map(identity))
      const found = new Set<string>()
      for (const part of portions(rows)) {
        const known = await anywhere(node =>
          node.query<Row>(`SELECT site, event_id FROM events WHERE ${SAME_IDS}`, idsOf(part)),
        )
        for (const id of known.map(identity)) if (asked.has(id)) found.add(id)
      }
      return found
    },

    async insert(table, lines) {
      if (table !== 'events') return insertRows(table, lines)
      const began = Date.now()
      const insert = `,"insert_id":${randomInt(2 ** 32)}}`
      await insertRows(
        table,
        lines.map(line => line.slice(0, -1) + insert),
      )
      await settle(
        lines.map(line => JSON.parse(line) as Row),
        began,
      )
    },

    query: (sql, parameters) => anywhere(node => node.query(sql, parameters)),

    close() {
      closing ??= (async () => {
        clearInterval(timer)
        await tending
        await Promise.all(nodes.map(node => node.close()))
      })()
      return closing
    },
  }
}
