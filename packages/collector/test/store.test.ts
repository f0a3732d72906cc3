import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toRow } from '../src/ingest/row.js'
import { readKnown } from '../src/query/group-badge.js'
import { readMarks } from '../src/query/marks.js'
import { readCounts } from '../src/query/release-figures.js'
import { readFlows, readJobNames } from '../src/query/tracks.js'
import { readSurge } from '../src/query/verdict/traffic.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import { parseAddress } from '../src/store/clickhouse/address.js'
import { openClickHouseStore } from '../src/store/clickhouse/store.js'
import { moment, retentionClause } from '../src/store/schema.js'
import { identity, type Row, type Store } from '../src/store/store.js'
import { atEnd, PATIENCE, startClickHouse } from './clickhouse-server.js'
import { makeEvent, SITE, temporaryFolder } from './helpers.js'

const DAY = 86_400_000
const RETENTION = 30 * 86_400
const NOW = Date.now()
const anything = () => undefined
/** How each store is opened; the tests below use the one of their description. */
const STORES: readonly [name: string, open: () => Promise<Store>][] = [
  ['the embedded store', () => openEmbeddedStore(temporaryFolder(atEnd), RETENTION)],
  ['the store on ClickHouse', openOnClickHouse],
]
let store: Store

async function openOnClickHouse(): Promise<Store> {
  const address = parseAddress((await startClickHouse()).url('shop'))
  if (!address) throw new Error('no address')
  return openClickHouseStore({ address, cluster: undefined, retentionSeconds: RETENTION })
}

const rowOf = (event: object, received = Date.now()): Row =>
  toRow(event as Parameters<typeof toRow>[0], received)
const insert = (rows: Row[]) =>
  store.insert(
    'events',
    rows.map(row => JSON.stringify(row)),
  )
const ids = async (event: string) =>
  (await store.query<Row>('SELECT event_id FROM events WHERE event = {event:String}', { event })).map(
    row => row.event_id,
  )

describe.each(STORES)('%s', PATIENCE, (_, open) => {
  beforeAll(async () => {
    store = await open()
  }, PATIENCE.timeout)
  afterAll(() => store.close())

  it('lets go of what was received before the retention, however young its own time', async () => {
    const [old, young] = [makeEvent({}, { event: 'aged' }), makeEvent({}, { event: 'aged' })]
    const received = Date.now() - 32 * DAY
    await insert([{ ...rowOf(old), received_at: moment(received) }, rowOf(young)])
    await store.query('OPTIMIZE TABLE events FINAL')
    expect(await ids('aged')).toEqual([young.event_id])
  })

  it('has its retention in the table’s definition, where a server applies it, too', async () => {
    const [table] = await store.query<{ sql: string }>(
      "SELECT create_table_query AS sql FROM system.tables WHERE name = 'events'",
    )
    expect(table?.sql).toContain(retentionClause(RETENTION))
  })

  it.each([
    ["'; DROP TABLE events; --", 'a statement of its own'],
    ["\\' OR 1=1 --", 'an escaped quote'],
    ['{other:String}', 'a placeholder'],
    ['$& $1 $`', 'signs of a replacement'],
    ['a\tb\nc\0d', 'control characters'],
    ['Ödön 🌍', 'beyond ASCII'],
    ['', 'nothing'],
  ])('takes %j (%s) for a value, alone and in a list', async text => {
    const rows = await store.query(
      'SELECT {text:String} AS alone, {texts:Array(String)} AS listed, has({texts:Array(String)}, alone) AS found',
      { text, texts: [text, 'other'], other: 'wrong' },
    )
    expect(rows).toEqual([{ alone: text, listed: [text, 'other'], found: 1 }])
  })

  it('takes numbers, moments and empty lists as what they are declared to be', async () => {
    const rows = await store.query(
      `SELECT {count:UInt64} + 1 AS more, {rate:Float64} AS rate, toString({at:DateTime64(3, 'UTC')}) AS at,
         toTypeName({at:DateTime64(3, 'UTC')}) AS type, {none:Array(String)} AS none`,
      { count: 41, rate: -0.25, at: '2026-11-22 03:02:11.482', none: [] },
    )
    expect(rows).toEqual([
      {
        more: expect.toSatisfy((more: unknown) => Number(more) === 42),
        rate: -0.25,
        at: '2026-11-22 03:02:11.482',
        type: "DateTime64(3, 'UTC')",
        none: [],
      },
    ])
  })

  it('takes a list of two thousand values', async () => {
    const ids = Array.from({ length: 2000 }, (_, number) => `0193f0a1-7c4e-7000-8000-${number}`)
    const [found] = await store.query<{ count: number }>(
      "SELECT countIf(concat('0193f0a1-7c4e-7000-8000-', toString(number)) IN {ids:Array(String)}) AS count FROM numbers(3000)",
      { ids },
    )
    expect(Number(found?.count)).toBe(2000)
  })

  it('answers many questions at once, each with its own values', async () => {
    const numbers = Array.from({ length: 50 }, (_, number) => String(number))
    const answers = await Promise.all(
      numbers.map(number =>
        store.query<{ said: string }>('SELECT {number:String} AS said, sleepEachRow(0.001)', { number }),
      ),
    )
    expect(answers.map(([answer]) => answer?.said)).toEqual(numbers)
  })

  it('knows which events it has', async () => {
    const rows = [1, 2, 3].map(() => rowOf(makeEvent()))
    const [first, second, third] = rows as [Row, Row, Row]
    await insert([first, second])
    expect(await store.existing(rows)).toEqual(new Set([identity(first), identity(second)]))
    expect(await store.existing([{ ...first, site: 'site_2' }, third])).toEqual(new Set())
  })

  it('takes a parameter for a value, never for SQL', async () => {
    const texts = ["') OR 1=1 --", "\\'; DROP TABLE events", '\0', '\t\n\\N', '😀']
    for (const text of texts) {
      expect(await store.query('SELECT {text:String} AS text', { text })).toEqual([{ text }])
    }
    expect(await store.query('SELECT {list:Array(String)} AS list', { list: texts })).toEqual([
      { list: texts },
    ])
  })

  const { from, to } = { from: NOW - DAY, to: NOW }
  const ADDED_UP: [what: string, projection: string, read: (store: Store) => Promise<unknown>][] = [
    ['when each release was seen', 'releases', store => readMarks(store, anything)],
    ['since when a site is known', 'releases', store => readKnown(store, anything, { from, to })],
    ['how often flows fail', 'slots', store => readFlows(store, anything, { from, to })],
    ['how often jobs fail', 'slots', store => readJobNames(store, anything, { from, to })],
    ['whether there is more traffic', 'slots', store => readSurge(store, anything, { from, to })],
    ['what releases did', 'slots', store => readCounts(store, anything, { from, to })],
  ]
  it.each(ADDED_UP)('tells %s without reading the events', async (_, projection, read) => {
    const told = [NOW - DAY / 2, NOW - 2 * DAY].flatMap(at =>
      ['pageview', 'task_completed'].map(event => {
        const timestamp = new Date(at).toISOString()
        const properties = { release: 'r', environment: 'production', task_name: 'mail', task_id: '1' }
        return rowOf(makeEvent(properties, { event, timestamp }), at)
      }),
    )
    await insert(told)
    const plans: string[] = []
    const explaining: Store = {
      ...store,
      async query(sql, parameters) {
        const plan = await store.query<{ explain: string }>(`EXPLAIN projections = 1 ${sql}`, parameters)
        plans.push(plan.map(row => row.explain).join('\n'))
        return store.query(sql, parameters)
      },
    }
    await read(explaining)
    expect(plans.join('\n')).toContain(`ReadFromMergeTree (${projection})`)
  })

  it('reads of a large store only where the ids can be', async () => {
    const plan = await store.query<{ explain: string }>(
      'EXPLAIN indexes = 1 SELECT raw FROM events WHERE site = {site:String} AND request_id = {id:String}',
      { site: SITE, id: 'x' },
    )
    const text = plan.map(row => row.explain).join('\n')
    expect(text).toContain('request_ids')
  })

  it('refuses a question that is too heavy, and goes on', async () => {
    const heavy = store.query('SELECT groupArray(number) FROM numbers(200000000)')
    await expect(heavy).rejects.toMatchObject({ clickhouseCode: 241 })
    expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('stores while a question is under way', async () => {
    let done = false
    const slow = store.query('SELECT sleep(3)').finally(() => {
      done = true
    })
    await insert([rowOf(makeEvent({}, { event: 'beside' }))])
    expect(done).toBe(false)
    await slow
    expect(await ids('beside')).toHaveLength(1)
  })
})
