import { spawn } from 'node:child_process'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { toRow } from '../src/ingest/row.js'
import { groups } from '../src/query/groups.js'
import type { Verdict } from '../src/query/verdict.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import type { Store } from '../src/store/store.js'
import { createOutbox, type Notice } from '../src/webhooks/outbox.js'
import { post } from '../src/webhooks/post.js'
import { isPrivate } from '../src/webhooks/private.js'
import { look, type Questions } from '../src/webhooks/watch.js'
import { startWebhooks } from '../src/webhooks/webhooks.js'
import { makeEvent, temporaryFolder, until } from './helpers.js'

const SECRET = 'a secret of some length'

interface Received {
  headers: IncomingHttpHeaders
  body: string
}

/** A receiver that answers with these statuses in turn, and with 204 after them. */
async function receive(statuses: number[] = [], headers: Record<string, string> = {}) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    received.push({ headers: request.headers, body })
    response.writeHead(statuses.shift() ?? 204, headers).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return { received, port: (server.address() as AddressInfo).port }
}

const targetOn = (port: number, host = '127.0.0.1') => ({
  url: new URL(`http://${host}:${port}/hook`),
  secret: SECRET,
  allowPrivate: true,
})

/** As a receiver would check it. */
function isGenuine({ headers, body }: Received, secret: string, now: number): boolean {
  const [, time, given] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-justanalytics-signature'])) ?? []
  if (!time || !given || Math.abs(now / 1000 - Number(time)) > 300) return false
  const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest()
  return timingSafeEqual(expected, Buffer.from(given, 'hex'))
}

describe('a post', () => {
  it('is signed together with its time', async () => {
    const { received, port } = await receive()
    expect(await post(targetOn(port), 'id', '{"ü":1}')).toBe(204)
    const [got] = received
    if (!got) throw new Error('nothing came')
    expect(got.headers['content-type']).toBe('application/json')
    expect(isGenuine(got, SECRET, Date.now())).toBe(true)
    expect(isGenuine({ ...got, body: '{"ü":2}' }, SECRET, Date.now())).toBe(false)
    expect(isGenuine(got, 'another secret', Date.now())).toBe(false)
    expect(isGenuine(got, SECRET, Date.now() + 600_000)).toBe(false)
  })

  it('follows no redirect', async () => {
    const elsewhere = await receive()
    const { port } = await receive([307], { location: `http://127.0.0.1:${elsewhere.port}/` })
    expect(await post(targetOn(port), 'id', '{}')).toBe(307)
    expect(elsewhere.received).toEqual([])
  })

  it.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '2130706433',
    '0x7f.1',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
  ])('to %s goes nowhere unless allowed', async host => {
    const { received, port } = await receive()
    const target = { ...targetOn(port, host), allowPrivate: false }
    await expect(post(target, 'id', '{}')).rejects.toThrow(/is a private address/)
    expect(received).toEqual([])
  })
})

describe('the receiver of docs/operations.md', () => {
  it('takes what is signed with its secret, and nothing else', async () => {
    const docs = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
    const source = /^```js\n(import \{ createHmac[\s\S]*?)^```$/m.exec(docs)?.[1] ?? ''
    const file = join(temporaryFolder(), 'receiver.mjs')
    writeFileSync(file, source)
    const receiver = spawn(process.execPath, [file], {
      env: { ...process.env, PORT: '0', WEBHOOK_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void receiver.kill())
    let out = ''
    receiver.stdout.setEncoding('utf8').on('data', text => (out += text))
    await until(() => out.includes('listening on '))
    const target = targetOn(Number(/listening on (\d+)/.exec(out)?.[1]))
    const body = JSON.stringify({
      type: 'verdict.bad',
      site: 'shop',
      verdict: { sentence: 'It fails – 38 %.' },
    })
    expect(await post(target, 'id', body)).toBe(204)
    await until(() => out.includes('verdict.bad on shop: It fails – 38 %.'))
    expect(await post({ ...target, secret: 'not its secret at all' }, 'id', body)).toBe(401)
  })
})

describe('addresses', () => {
  it.each([
    ['8.8.8.8', false],
    ['172.15.0.1', false],
    ['172.16.0.1', true],
    ['100.64.0.1', true],
    ['192.168.1.1', true],
    ['0.0.0.0', true],
    ['255.255.255.255', true],
    ['2606:4700:4700::1111', false],
    ['fd00::1', true],
    ['fe80::1', true],
    ['::', true],
    ['::ffff:8.8.8.8', true],
    ['64:ff9b::7f00:1', true],
    ['2002:7f00:1::', true],
  ])('%s is private: %s', (address, is) => expect(isPrivate(address)).toBe(is))
})

describe('the outbox', () => {
  const notice = (id: string): Notice => ({ id, body: '{}' })

  it('tries again until it is taken, and keeps the order', async () => {
    const { received, port } = await receive([500, 429, 204])
    const outbox = createOutbox(({ id, body }) => post(targetOn(port), id, body), () => {}, [1, 1])
    for (const id of ['a', 'b']) outbox.add(notice(id))
    await until(() => received.length === 4)
    expect(received.map(({ headers }) => headers['x-justanalytics-delivery'])).toEqual(['a', 'a', 'a', 'b'])
    await outbox.close()
  })

  it('gives up what is refused, and says so without the address', async () => {
    const { received, port } = await receive([404])
    const warn = vi.fn()
    const outbox = createOutbox(({ id, body }) => post(targetOn(port), id, body), warn, [1, 1])
    outbox.add(notice('a'))
    await until(() => warn.mock.calls.length > 0)
    expect(warn.mock.calls).toEqual([['The webhook did not get a notice (it was answered with 404).']])
    expect(received).toHaveLength(1)
  })

  it('holds a bounded number, and never keeps its owner waiting', async () => {
    const warn = vi.fn()
    let delivered = 0
    const stuck = createOutbox(
      async () => {
        delivered++
        throw new Error('no one there')
      },
      warn,
      [3_600_000],
    )
    for (let i = 0; i < 150; i++) stuck.add(notice(String(i)))
    expect(warn).toHaveBeenCalledTimes(50 - 1)
    await until(() => delivered === 1)
    await stuck.close()
    expect(delivered).toBe(1)
  })
})

describe('the watch', () => {
  const QUIET = { state: 'quiet', recovered_at: null, sentence: 'All is well.' } as Verdict
  const BAD = { state: 'deploy_suspect', recovered_at: null, sentence: 'It broke.' } as Verdict
  const UNSURE = { state: 'data_incomplete', recovered_at: null } as Verdict
  const OVER = { ...BAD, recovered_at: new Date().toISOString() } as Verdict

  const folder = temporaryFolder(afterAll)
  let store: Store
  let sites = 0
  beforeAll(async () => {
    store = await openEmbeddedStore(folder, 30 * 86_400)
  })
  afterAll(() => store.close())

  const insert = (event: object, received = Date.now()) =>
    store.insert('events', [JSON.stringify(toRow(event as Parameters<typeof toRow>[0], received))])

  /** A site of its own; what looks at it tells, in the order it was told. */
  async function watchSite(events: object[] = [{}]) {
    const site = `watched_${++sites}`
    for (const event of events)
      await insert(makeEvent({ environment: 'production' }, { site_id: site, ...event }))
    const told: {
      type: string
      incident: string
      site: string
      environment: string
      [more: string]: unknown
    }[] = []
    const outbox = {
      add({ body }: Notice) {
        const notice = JSON.parse(body)
        if (notice.site === site) told.push(notice)
      },
      close: async () => {},
    }
    const lookOnce = async (verdict: Verdict) => {
      const questions: Questions = {
        groups,
        verdict: async (_, search) => (search('site') === site ? verdict : QUIET),
      }
      await look(store, questions, outbox, Date.now())
    }
    const types = () => told.map(({ type }) => type)
    return { told, lookOnce, types }
  }

  it('tells once of a trouble, and of its end under the same incident', async () => {
    const { told, lookOnce, types } = await watchSite()
    for (const verdict of [QUIET, BAD, BAD, UNSURE, BAD, OVER, QUIET]) await lookOnce(verdict)
    expect(types()).toEqual(['verdict.bad', 'verdict.recovered'])
    expect(told[0]).toMatchObject({ environment: 'production', verdict: { sentence: 'It broke.' } })
    expect(told[0]?.incident).toBe(told[1]?.incident)
    await lookOnce(BAD)
    expect(types()).toHaveLength(3)
    expect(told[2]?.incident).not.toBe(told[0]?.incident)
  })

  it('tells once, however many collectors look', async () => {
    const { told, lookOnce, types } = await watchSite()
    await Promise.all([1, 2, 3].map(() => lookOnce(BAD)))
    expect(types()).toEqual(['verdict.bad'])
    await Promise.all([1, 2, 3].map(() => lookOnce(OVER)))
    expect(types()).toEqual(['verdict.bad', 'verdict.recovered'])
    expect(told[0]?.incident).toBe(told[1]?.incident)
  })

  it('tells once of a new error group', async () => {
    const properties = {
      exception_type: 'TypeError',
      exception_message: 'x is undefined',
      environment: 'production',
    }
    const { told, lookOnce, types } = await watchSite([{ event: 'exception', properties }])
    for (let i = 0; i < 2; i++) await lookOnce(QUIET)
    expect(types()).toEqual(['group.new'])
    expect(told[0]).toMatchObject({ group: { exception_type: 'TypeError', badge: 'NEW' } })
  })

  describe('of an error that happened hours ago', () => {
    const DAY = 86_400_000
    const thrown = (type: string, site: string, ago: number) =>
      makeEvent(
        { exception_type: type, exception_message: 'x is undefined', environment: 'production' },
        { site_id: site, event: 'exception', timestamp: new Date(Date.now() - ago).toISOString() },
      )

    it('tells once where it was received only now', async () => {
      const { lookOnce, types, told } = await watchSite([])
      await insert(thrown('SpooledError', `watched_${sites}`, DAY / 4))
      for (let i = 0; i < 2; i++) await lookOnce(QUIET)
      expect(types()).toEqual(['group.new'])
      expect(told[0]).toMatchObject({ environment: 'production', group: { badge: 'NEW', count: 1 } })
    })

    it('does not tell where it was known, and nothing at all of a store that is old', async () => {
      const { lookOnce, types } = await watchSite([])
      const site = `watched_${sites}`
      await insert(thrown('KnownError', site, 2 * DAY), Date.now() - 2 * DAY)
      await insert(thrown('KnownError', site, DAY / 4))
      await insert(thrown('OldError', site, DAY / 4), Date.now() - DAY / 4)
      await lookOnce(QUIET)
      expect(types()).toEqual([])
    })
  })

  it('goes on by itself once started, and ends when it is closed', async () => {
    const { received, port } = await receive()
    const webhooks = startWebhooks(store, targetOn(port), 20)
    const properties = { exception_type: 'RangeError', exception_message: 'x', environment: 'staging' }
    await watchSite([{ event: 'exception', properties }])
    const mine = () => received.find(({ body }) => body.includes(`"watched_${sites}"`))
    await until(() => mine() !== undefined)
    await webhooks.close()
    expect(JSON.parse(mine()?.body ?? '')).toMatchObject({ type: 'group.new', environment: 'staging' })
    expect(isGenuine(mine() as Received, SECRET, Date.now())).toBe(true)
  })
})
