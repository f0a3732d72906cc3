import { beforeAll, describe, expect, it } from 'vitest'
import { type CollectorOptions, createCollector } from '../src/index.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import { type ClickHouse, PATIENCE, startClickHouse } from './clickhouse-server.js'
import { ask, KEY, makeEvent, runCli, SITE, send, stored, temporaryFolder, until } from './helpers.js'

let server: ClickHouse
beforeAll(async () => {
  server = await startClickHouse()
}, PATIENCE.timeout)

async function withCollector<T>(options: CollectorOptions, use: (url: string) => Promise<T>): Promise<T> {
  const collector = await createCollector({ port: 0, site: SITE, key: KEY, ...options })
  try {
    return await use(collector.url)
  } finally {
    await collector.close()
  }
}

/** A folder with events, in two parts, and a mark. */
async function fill(events: number): Promise<{ data: string; retention: string }> {
  const options = { data: temporaryFolder(), retention: '45d' }
  await withCollector(options, async url => {
    for (let sent = 0; sent < events; sent += 400)
      await send(
        url,
        Array.from({ length: Math.min(400, events - sent) }, () => makeEvent()),
      )
    await ask(`${url}/api/v1/releases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ release: 'r1', environment: 'production' }),
    })
  })
  return options
}

async function move(data: string, database: string, more: string[] = []) {
  const cli = runCli(['move', '--to', server.url(database), '--data', data, ...more])
  return { status: await cli.ended, out: cli.out(), err: cli.err() }
}

describe('moving an embedded store to ClickHouse', PATIENCE, () => {
  it('copies all of it, once however often, deletes nothing and keeps its retention', async () => {
    const { data, retention } = await fill(900)
    const first = await move(data, 'moved')
    expect(first.err).toBe('')
    expect(first.out).toMatch(/^events: 900 of 900$/m)
    expect(first.out).toMatch(/events 900 \(900 copied now\), marks 1 \(1 copied now\), acts 0/)
    expect(first.status).toBe(0)
    const second = await move(data, 'moved')
    expect(second.out).toMatch(/events 900 \(0 copied now\), marks 1 \(0 copied now\)/)

    const here = await withCollector({ data, retention }, url => stored(url))
    expect(here).toHaveLength(900)
    const clickhouse = server.url('moved')
    await withCollector({ data, retention, clickhouse }, async url => {
      expect(await stored(url)).toEqual(here)
      expect((await ask(`${url}/api/v1/series`)).body.marks).toHaveLength(1)
      expect((await send(url, makeEvent())).status).toBe(202)
    })
    expect(await server.ask('SHOW CREATE TABLE moved.events')).toContain('toIntervalSecond(3888000)')
  })

  it('goes on where it was ended', async () => {
    const { data } = await fill(20)
    const store = await openEmbeddedStore(data, undefined)
    await store.query(
      "INSERT INTO events (site, event, event_id, timestamp, received_at, raw) SELECT 'site_1', 'many', toString(generateUUIDv7()), now64(3), now64(3), '{}' FROM numbers(20000)",
    )
    await store.close()
    const cli = runCli(['move', '--to', server.url('ended'), '--data', data])
    await until(async () => Number(await server.ask('SELECT count() FROM ended.events').catch(() => 0)) > 0)
    cli.child.kill('SIGINT')
    expect(await cli.ended).toBe(130)
    expect(cli.err()).toContain('the same command goes on from there')
    const copied = Number(await server.ask('SELECT count() FROM ended.events'))
    expect(copied).toBeLessThan(20_020)
    const { out, status } = await move(data, 'ended')
    expect(out).toContain(`events 20020 (${20_020 - copied} copied now)`)
    expect(status).toBe(0)
  })

  it('refuses a folder that a collector holds', async () => {
    const { data, retention } = await fill(1)
    const { status, err } = await withCollector({ data, retention }, () => move(data, 'held'))
    expect([status, err]).toEqual([1, expect.stringMatching(/is in use by process \d+/)])
  })

  const wrong: [name: string, args: () => string[], says: RegExp][] = [
    ['no address', () => ['--data', temporaryFolder()], /no embedded store in/],
    ['another folder', () => ['--to', server.url('x'), '--data', temporaryFolder()], /no embedded store in/],
    ['an unknown flag', () => ['--from', 'x'], /--from/],
  ]
  it.each(wrong)('refuses %s in one sentence', async (_, args, says) => {
    const cli = runCli(['move', ...args()])
    expect(await cli.ended).toBe(1)
    expect(cli.err()).toMatch(says)
    expect(cli.err()).toMatch(/^[^\n]*\.\n$/)
  })
})
