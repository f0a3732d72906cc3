import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import {
  ask,
  type Body,
  KEY,
  makeEvent,
  post,
  SITE,
  send,
  stored,
  temporaryFolder,
  until,
} from './helpers.js'

let collector: Collector
let url: string

beforeAll(async () => {
  collector = await createCollector({ port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY })
  url = collector.url
})
afterAll(() => collector.close())

const one = () => JSON.stringify(makeEvent())
const MIB = 1024 * 1024

describe('POST /v1/events accepts', () => {
  const cases: [name: string, body: () => Body, headers: Record<string, string>, accepted: number][] = [
    ['one event as an object', one, {}, 1],
    ['an array of events', () => JSON.stringify([makeEvent(), makeEvent()]), {}, 2],
    ['an empty array', () => '[]', {}, 0],
    ['gzip', () => gzipSync(one()), { 'content-encoding': 'gzip' }, 1],
    ['identity by name', one, { 'content-encoding': 'identity' }, 1],
    ['a charset', one, { 'content-type': 'application/json; charset=utf-8' }, 1],
    ['a byte order mark', () => `\ufeff${one()}`, {}, 1],
    ['500 events', () => JSON.stringify(Array.from({ length: 500 }, () => makeEvent())), {}, 500],
    ['just under 1 MiB', () => one().padEnd(MIB, ' '), {}, 1],
    ['8 MiB unpacked', () => gzipSync(one().padEnd(8 * MIB, ' ')), { 'content-encoding': 'gzip' }, 1],
  ]
  it.each(cases)('%s', async (_, body, headers, accepted) => {
    const answer = await post(url, body(), headers)
    expect(answer.body).toEqual({ accepted, rejected: [] })
    expect(answer.status).toBe(202)
  })

  it('no content type as JSON', async () => {
    const answer = await ask(`${url}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body: new Blob([one()]),
    })
    expect(answer.status).toBe(202)
  })

  it('the good events of a batch, and names the others', async () => {
    const good = makeEvent()
    const answer = await send(url, [7, good, { ...makeEvent(), event: 5 }, null])
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({
      accepted: 1,
      rejected: [0, 2, 3].map(index => ({ index, reason: expect.any(String) })),
    })
    expect((await stored(url)).map(event => event.event_id)).toContain(good.event_id)
  })

  it('an event that is listed as it was sent as soon as it is acknowledged', async () => {
    const event = makeEvent({ custom: { deep: [1, 'zwei', null] } }, { event: 'signup' })
    await send(url, event)
    expect(await stored(url, 'event=signup')).toEqual([event])
  })
})

describe('POST /v1/events refuses', () => {
  const gzip = { 'content-encoding': 'gzip' }
  const cases: [name: string, status: number, body: () => Body, headers: Record<string, string>][] = [
    ['an empty body', 400, () => '', {}],
    ['what is not JSON', 400, () => '{"site_id":', {}],
    ['invalid UTF-8', 400, () => new Uint8Array([0x22, 0xff, 0xfe, 0x22]), {}],
    ['truncated gzip', 400, () => gzipSync(one()).subarray(0, 60), gzip],
    ['what is not gzip though it says so', 400, one, gzip],
    ['an empty gzip body', 400, () => '', gzip],
    ['a number', 400, () => '42', {}],
    ['null', 400, () => 'null', {}],
    ['no key', 401, one, { authorization: '' }],
    ['a key of no scheme', 401, one, { authorization: KEY }],
    ['an unknown key', 401, one, { authorization: 'Bearer nobody' }],
    ['another site', 403, () => JSON.stringify(makeEvent({}, { site_id: 'site_2' })), {}],
    [
      'a batch with another site in it',
      403,
      () => JSON.stringify([makeEvent(), makeEvent({}, { site_id: 'x' })]),
      {},
    ],
    ['over 1 MiB on the wire', 413, () => one().padEnd(MIB + 1, ' '), {}],
    ['over 8 MiB unpacked', 413, () => gzipSync(one().padEnd(8 * MIB + 1, ' ')), gzip],
    ['a bomb of 64 MiB', 413, () => gzipSync(Buffer.alloc(64 * MIB, ' ')), gzip],
    ['501 events', 413, () => `[${Array(501).fill('1').join()}]`, {}],
    ['deflate', 415, one, { 'content-encoding': 'deflate' }],
    ['br', 415, one, { 'content-encoding': 'br' }],
    ['gzip twice', 415, one, { 'content-encoding': 'gzip, gzip' }],
    ['text', 415, one, { 'content-type': 'text/plain' }],
    ['what only begins like JSON', 415, one, { 'content-type': 'application/jsonp' }],
  ]
  it.each(cases)('%s', async (_, status, body, headers) => {
    const before = await ask(`${url}/api/v1/health`)
    const answer = await post(url, body(), headers)
    expect(answer.status).toBe(status)
    expect(answer.body).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/s) })
    expect(answer.headers.get('content-type')).toContain('application/json')
    const after = await ask(`${url}/api/v1/health`)
    expect(after.body.events).toBe(before.body.events)
  })

  it('a body without a length as soon as it is over 1 MiB, and reads no further', async () => {
    const { hostname, port } = new URL(url)
    const sending = request({
      hostname,
      port,
      path: '/v1/events',
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
    })
    let sent = 0
    const status = await new Promise<number | undefined>((resolve, reject) => {
      sending.on('response', response => resolve(response.resume().statusCode)).on('error', reject)
      const more = () => {
        if (sending.destroyed) return
        sent += 64 * 1024
        sending.write(' '.repeat(64 * 1024), () => setImmediate(more))
      }
      more()
    })
    sending.on('error', () => {}).destroy()
    expect(status).toBe(413)
    // What lies in socket buffers is sent, too.
    expect(sent).toBeLessThan(64 * MIB)
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('the method %s', async method => {
    const answer = await ask(`${url}/v1/events`, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
  })

  it('nothing more after a client that broke off', async () => {
    const { hostname, port } = new URL(url)
    const broken = connect(Number(port), hostname)
    const head = `POST /v1/events HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 1000\r\n\r\n[`
    await new Promise<void>(resolve => broken.write(head, () => resolve()))
    broken.resetAndDestroy()
    await until(() => broken.closed)
    expect((await send(url, makeEvent())).status).toBe(202)
  })
})

describe('hostile events', () => {
  const texts = [
    "'; DROP TABLE events; --",
    "\\' OR 1=1 --",
    '{site:String}',
    '\0\0\u0001',
    '\ud800 lone',
    'tab\tnew\nline\r\u2028',
    '😀'.repeat(100),
    '\\N',
    '"},{"site_id":"other"',
  ]
  it.each(texts)('stores %j where it can stand', async text => {
    const event = makeEvent(
      { path: text, route: text, release: text, user_id: text, request_id: text, own: text, [`k${text}`]: 1 },
      { event: text },
    )
    const answer = await send(url, event)
    expect(answer.body).toEqual({ accepted: 1, rejected: [] })
    const [found] = (await stored(url, `q=${encodeURIComponent(text.toWellFormed())}`)).filter(
      each => each.event_id === event.event_id,
    )
    expect(found?.properties).toMatchObject({ route: text.toWellFormed(), user_id: text.toWellFormed() })
  })

  it.each([1e308, -1e308, 0, -0, 1e-320, Number.MAX_SAFE_INTEGER, -5])(
    'stores the number %d',
    async number => {
      const integer = Number.isSafeInteger(number) ? number : 1
      const event = makeEvent({ duration_ms: number, weight: number, status_code: integer, own: number })
      expect((await send(url, event)).body).toEqual({ accepted: 1, rejected: [] })
    },
  )

  it('keeps a prototype out of the event', async () => {
    const id = makeEvent().event_id
    const text = JSON.stringify(makeEvent({}, { event_id: id, event: 'proto' })).replace(
      '"properties":{',
      '"__proto__":{"polluted":1},"properties":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
    )
    expect((await post(url, text)).body).toEqual({ accepted: 1, rejected: [] })
    const [found] = await stored(url, 'event=proto')
    expect(found).toMatchObject({ event_id: id })
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('takes data nested as deep as a body can hold', async () => {
    const depth = 200_000
    const text = one().replace(
      '"properties":{',
      `"properties":{"deep":${'['.repeat(depth)}${']'.repeat(depth)},`,
    )
    const answer = await post(url, text)
    expect([202, 400]).toContain(answer.status)
    expect((await send(url, makeEvent())).status).toBe(202)
  })
})
