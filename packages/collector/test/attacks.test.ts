import { request as requestRaw } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { createKey } from '../src/ingest/keys.js'
import type { Settings } from '../src/options.js'
import { createApp, type Rooms } from '../src/server.js'
import { ask, KEY, makeEvent, SITE, send, temporaryFolder, until } from './helpers.js'

const TOKEN = 'the-token-of-the-page'
const data = temporaryFolder(afterAll)
const otherKey = createKey(data, 'site_2').key
let collector: Collector
let url: string

beforeAll(async () => {
  collector = await createCollector({ port: 0, data, site: SITE, key: KEY, token: TOKEN })
  url = collector.url
})
afterAll(() => collector.close())

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
const json = { 'content-type': 'application/json' }
const withToken = (path: string) => ask(url + path, { headers: bearer(TOKEN) })

/** Every address that is there, by the application's own table of them. */
function addresses(method: string): string[] {
  const app = createApp({ settings: { host: '127.0.0.1' } as Settings } as Rooms)
  const paths = app.routes.filter(route => route.method === method).map(({ path }) => path)
  return [...new Set(paths)].map(path => path.replace(':id', 'x').replace('*', 'x.js'))
}

describe('reading, off loopback or on it, asks for the token', () => {
  const wrong: [name: string, headers: Record<string, string>][] = [
    ['nothing', {}],
    ['another token', bearer('the-token-of-the-pagf')],
    ['a part of the token', bearer(TOKEN.slice(0, -1))],
    ['an ingest key', bearer(KEY)],
    ['the token as a user name', { authorization: `Basic ${Buffer.from(`${TOKEN}:`).toString('base64')}` }],
    ['the token as the cookie', { cookie: `justanalytics_token=${TOKEN}` }],
    ['an empty cookie', { cookie: 'justanalytics_token=' }],
    ['the token in another header', { 'x-token': TOKEN, 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '::1' }],
  ]
  it.each(wrong)('and not for %s', async (_, headers) => {
    const paths = addresses('GET')
    expect(paths.length).toBeGreaterThan(12)
    for (const path of paths) {
      expect([path, (await ask(url + path, { headers })).status]).toEqual([path, 401])
      expect([path, (await ask(`${url + path}?token=${TOKEN}x`, { headers })).status]).toEqual([path, 401])
      expect([path, (await fetch(url + path, { method: 'HEAD', headers })).status]).toEqual([path, 401])
    }
  })

  it('and so does whatever else changes something that is read', async () => {
    for (const path of addresses('POST').filter(path => path.includes('/groups/'))) {
      const body = JSON.stringify({ act: 'resolve' })
      for (const secret of [KEY, 'x'])
        expect(
          (await ask(url + path, { method: 'POST', body, headers: { ...json, ...bearer(secret) } })).status,
        ).toBe(401)
    }
  })

  it('which no address but the page’s own takes from the address bar', async () => {
    for (const path of addresses('GET').filter(path => path !== '/'))
      expect([path, (await ask(`${url + path}?token=${TOKEN}`)).status]).toEqual([path, 401])
    const opened = await fetch(`${url}/?token=${TOKEN}`, { redirect: 'manual' })
    expect([opened.status, opened.headers.get('location')]).toEqual([303, './'])
  })
})

describe('a site', () => {
  const writes: [path: string, body: object][] = [
    ['/v1/events', makeEvent()],
    ['/v1/events', [makeEvent({}, { site_id: 'site_2' }), makeEvent()]],
  ]
  it.each(writes)('is not written to with another’s key: %s', async (path, body) => {
    const before = (await withToken('/api/v1/health')).body.events
    const init = { method: 'POST', body: JSON.stringify(body), headers: { ...json, ...bearer(otherKey) } }
    expect((await ask(url + path, init)).status).toBe(403)
    expect((await withToken('/api/v1/health')).body.events).toBe(before)
  })

  it('gets its own mark and map, whatever site the body names', async () => {
    const release = { release: 'theirs', environment: 'production', site: SITE, site_id: SITE }
    const init = { method: 'POST', body: JSON.stringify(release), headers: { ...json, ...bearer(otherKey) } }
    expect((await ask(`${url}/api/v1/releases`, init)).status).toBe(201)
    expect((await withToken(`/api/v1/series?site=${SITE}`)).body.marks).toEqual([])
    expect((await withToken('/api/v1/series?site=site_2')).body.marks).toHaveLength(1)
  })

  it('is told nothing of another’s, nor can its events be touched through it', async () => {
    const request = makeEvent({ request_id: 'shared', task_id: 'shared' })
    await send(url, request)
    const fault = makeEvent(
      {
        request_id: 'shared',
        exception_type: 'Error',
        exception_message: 'theirs',
        mechanism: 'request',
        status_code: 500,
      },
      { site_id: 'site_2', event: 'exception' },
    )
    await send(url, fault, otherKey)
    await send(url, { ...request, site_id: 'site_2', event: 'stolen' }, otherKey)
    await send(url, { ...request, site_id: 'site_2', event_id: 'theirs' }, otherKey)
    const lists = ['events', 'requests', 'groups', 'users', 'jobs'].map(path => `${path}?site=${SITE}`)
    // One request is looked at without a site, too.
    for (const path of [...lists, `requests/shared?site=${SITE}`, 'requests/shared']) {
      const { status, body } = await withToken(`/api/v1/${path}`)
      expect(status).toBe(200)
      expect(JSON.stringify(body)).not.toMatch(/theirs|stolen|site_2/)
    }
    const { body } = await withToken(`/api/v1/series?site=${SITE}`)
    const failures = (body.buckets as { failures: number }[]).reduce((sum, each) => sum + each.failures, 0)
    expect(failures).toBe(0)
  })
})

describe('whatever is too much or not as expected is refused, and the collector goes on', () => {
  const hostile: [name: string, path: string, init: RequestInit, status: number][] = [
    ['a limit beyond the limit', '/api/v1/events?limit=1001', {}, 400],
    ['a negative limit', '/api/v1/events?limit=-1', {}, 400],
    ['a filter that is too long', `/api/v1/events?q=${'x'.repeat(2049)}`, {}, 400],
    ['a cursor of one’s own', '/api/v1/events?cursor=OR%201=1', {}, 400],
    ['a moment that is SQL', "/api/v1/events?from=2026-01-01'%20OR%201", {}, 400],
    ['more buckets than there may be', '/api/v1/series?from=1970-01-01&step=1000', {}, 400],
    ['SQL in a filter', "/api/v1/events?site='%20OR%201=1%20--", {}, 200],
    ['a placeholder in a filter', '/api/v1/events?q={site:String}', {}, 200],
    ['the same filter a thousand times', `/api/v1/events?${'site=x&'.repeat(1000)}`, {}, 200],
    ['an address that is too long', `/api/v1/events?${'a=b&'.repeat(5000)}`, {}, 431],
    ['headers that are too large', '/api/v1/health', { headers: { 'x-large': 'x'.repeat(17_000) } }, 431],
    ['a file beside the page', '/assets/..%2f..%2fpackage.json', {}, 404],
    ['a file beside the page, in another spelling', '/assets/%2e%2e/%2e%2e/package.json', {}, 404],
    ['a method that is none of its own', '/api/v1/health', { method: 'DELETE' }, 405],
    ['JSON that goes deep', '/v1/events', { method: 'POST', body: '['.repeat(500_000) }, 400],
    ['an array in an array', '/v1/events', { method: 'POST', body: '[[[[{}]]]]' }, 202],
    [
      'what unpacks to too much',
      '/v1/events',
      { method: 'POST', body: gzipSync('x'.repeat(9_000_000)) },
      413,
    ],
    ['more than the wire takes', '/v1/events', { method: 'POST', body: 'x'.repeat(1_100_000) }, 413],
    [
      'more events than a batch holds',
      '/v1/events',
      { method: 'POST', body: JSON.stringify(Array(501).fill({})) },
      413,
    ],
    [
      'a key that is very long',
      '/v1/events',
      { method: 'POST', body: '{}', headers: bearer('x'.repeat(10_000)) },
      401,
    ],
  ]
  it.each(hostile)('%s', async (_, path, init, status) => {
    const packed = init.body instanceof Uint8Array ? { 'content-encoding': 'gzip' } : {}
    const secret = init.method === 'POST' ? KEY : TOKEN
    const headers = {
      ...(init.method === 'POST' ? json : {}),
      ...packed,
      ...bearer(secret),
      ...(init.headers ?? {}),
    }
    const answer = await fetch(url + path, { ...init, headers })
    expect(answer.status).toBe(status)
    expect((await withToken('/api/v1/health')).status).toBe(200)
  })

  it('a name in the prototype of all objects is a property like any other', async () => {
    const body = JSON.stringify(makeEvent({}, { event: 'polluting' })).replace(
      '"properties":{',
      '"properties":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
    )
    expect(
      (await ask(`${url}/v1/events`, { method: 'POST', body, headers: { ...json, ...bearer(KEY) } })).status,
    ).toBe(202)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('headers that dawdle are cut off', async () => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    let answered = ''
    socket.on('data', text => (answered += text)).on('error', () => {})
    socket.write('GET /api/v1/health HTTP/1.1\r\nHost: x\r\n')
    await until(() => socket.destroyed || socket.readableEnded)
    expect(answered).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('more listeners than it serves are told to come later', async () => {
    const { hostname, port } = new URL(url)
    const statuses: (number | undefined)[] = []
    const listeners = Array.from({ length: 101 }, () =>
      requestRaw(
        { hostname, port, path: '/api/v1/stream', headers: bearer(TOKEN), agent: false },
        response => {
          statuses.push(response.statusCode)
          response.on('error', () => {})
        },
      )
        .on('error', () => {})
        .end(),
    )
    await until(() => statuses.length === 101)
    for (const listener of listeners) listener.destroy()
    expect(statuses.filter(status => status === 200)).toHaveLength(100)
    expect(statuses.filter(status => status === 503)).toHaveLength(1)
  })
})

describe('what was stored of all this', () => {
  it('is as it was sent', async () => {
    const { body } = await withToken('/api/v1/events?event=polluting')
    expect(body.items).toHaveLength(1)
  })
})
