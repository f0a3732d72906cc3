import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { toRow } from '../src/ingest/row.js'
import { parseAddress } from '../src/store/clickhouse/address.js'
import { openClickHouseStore } from '../src/store/clickhouse/store.js'
import type { Store } from '../src/store/store.js'
import { atEnd, CLUSTER, type ClickHouse, PATIENCE, startCluster } from './clickhouse-server.js'
import { ask, KEY, makeEvent, SITE, send, stored, temporaryFolder, until } from './helpers.js'
import { ANSWERS, askUntilAnswered, tellStory } from './same-answers.js'

/** One database for all tests: each has events of its own name. */
const DATABASE = 'shop'

let nodes: Awaited<ReturnType<typeof startCluster>>
let url: string

beforeAll(async () => {
  nodes = await startCluster()
  url = (await start(nodes[0], atEnd)).url
}, PATIENCE.timeout)

async function start(entry: ClickHouse, cleanup: typeof atEnd | typeof onTestFinished): Promise<Collector> {
  const options = {
    port: 0,
    data: temporaryFolder(remove => cleanup(remove)),
    site: SITE,
    key: KEY,
    retention: '3650d',
  }
  const collector = await createCollector({ ...options, clickhouse: entry.url(DATABASE), cluster: CLUSTER })
  cleanup(() => collector.close())
  return collector
}

async function open(entry: ClickHouse): Promise<Store> {
  const address = parseAddress(entry.url(DATABASE))
  if (!address) throw new Error('no address')
  const store = await openClickHouseStore({ address, cluster: CLUSTER, retentionSeconds: 3650 * 86_400 })
  onTestFinished(() => store.close())
  return store
}

const make = (event: string, count: number) => Array.from({ length: count }, () => makeEvent({}, { event }))

/** How many rows of an event each server has for itself. */
const held = (event: string, of: readonly ClickHouse[] = nodes) =>
  Promise.all(
    of.map(async node =>
      Number(await node.ask(`SELECT count() FROM ${DATABASE}.events_local WHERE event = '${event}'`)),
    ),
  )

describe('a cluster of two shards with two replicas each', PATIENCE, () => {
  it('answers every question as the embedded store does, whichever server is asked', async () => {
    const embedded = await createCollector({ port: 0, data: temporaryFolder(), site: SITE, key: KEY })
    onTestFinished(() => embedded.close())
    const beside = await start(nodes[3], onTestFinished)
    await tellStory(embedded.url)
    await tellStory(url)
    for (const [index, path] of ANSWERS.entries()) {
      const known = await askUntilAnswered(embedded.url + path)
      const answer = await askUntilAnswered((index % 2 ? url : beside.url) + path)
      expect([path, steady(answer.body)]).toEqual([path, steady(known.body)])
    }
  })

  it('spreads the events over the shards and has each on both replicas', async () => {
    await send(url, make('spread', 400))
    const [a1, a2, b1, b2] = await held('spread')
    expect([a1, b1]).toEqual([a2, b2])
    expect((a1 ?? 0) + (b1 ?? 0)).toBe(400)
    expect(Math.min(a1 ?? 0, b1 ?? 0)).toBeGreaterThan(100)
  })

  it('has an event once that two collectors store at the same moment', async () => {
    const stores = [await open(nodes[0]), await open(nodes[3])]
    const rows = make('raced', 200).map(event => toRow(event as never, Date.now()))
    // Neither looks first: both are past that.
    await Promise.all(
      stores.map(store =>
        store.insert(
          'events',
          rows.map(row => JSON.stringify(row)),
        ),
      ),
    )
    const sql = "SELECT count() AS rows, uniqExact(event_id) AS ids FROM events WHERE event = 'raced'"
    for (const store of stores) expect(await store.query(sql)).toEqual([{ rows: 200, ids: 200 }])
    const [a1, a2, b1, b2] = await held('raced')
    expect([a1, b1]).toEqual([a2, b2])
  })

  it('is read and written on while a server is away, and hands over what that one missed', async () => {
    await send(url, make('missed', 100))
    await nodes[3].kill()
    const during = make('missed', 100)
    for (const events of [during, during]) expect((await send(url, events)).status).toBe(202)
    expect(await stored(url, 'event=missed')).toHaveLength(200)
    await nodes[3].start()
    await until(async () => {
      const [replica, returned] = await held('missed', nodes.slice(2))
      return replica === returned
    })
    expect(await stored(url, 'event=missed')).toHaveLength(200)
  })

  it('goes on without the server that the collector was pointed at', async () => {
    await send(url, make('headless', 1))
    await nodes[0].kill()
    expect((await send(url, make('headless', 1))).status).toBe(202)
    expect(await stored(url, 'event=headless')).toHaveLength(2)
    await nodes[0].start()
  })

  it('says so where a whole shard is away, and shows no part for the whole', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => told.mockRestore())
    await send(url, make('halved', 20))
    await Promise.all([nodes[2].kill(), nodes[3].kill()])
    const events = make('halved', 20)
    const answer = await ask(`${url}/api/v1/events`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect((await send(url, events)).status).toBe(503)
    await Promise.all([nodes[2].start(), nodes[3].start()])
    expect((await send(url, events)).status).toBe(202)
    expect(await stored(url, 'event=halved')).toHaveLength(40)
  })
})

function steady(answer: object): object {
  return JSON.parse(JSON.stringify(answer, (name, value) => (name === 'as_of' ? undefined : value)))
}
