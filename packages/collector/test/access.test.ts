import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type Collector, type CollectorOptions, createCollector } from '../src/index.js'
import { ask, KEY, makeEvent, SITE, send, temporaryFolder } from './helpers.js'

let collector: Collector
afterEach(() => collector.close())

async function start(options: CollectorOptions = {}): Promise<string> {
  collector = await createCollector({ port: 0, data: temporaryFolder(), site: SITE, key: KEY, ...options })
  return collector.url
}

/** With a `Host` of one's own choice, which `fetch` does not send. */
function statusFor(url: string, path: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    request({ hostname, port, path, headers: { host } }, response => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
}

const READS = [
  '/api/v1/health',
  '/api/v1/events',
  '/api/v1/series',
  '/api/v1/jobs',
  '/api/v1/jobs/1',
  '/api/v1/requests/1',
  '/api/v1/stream',
  '/',
  '/assets/nothing.js',
]

describe('with a token', () => {
  it('every read asks for it', async () => {
    const url = await start({ token: 'secret' })
    for (const path of READS) {
      for (const authorization of ['', 'Bearer wrong', `Bearer ${KEY}`, 'secret']) {
        const { status, body } = await ask(url + path, { headers: { authorization } })
        expect([path, status]).toEqual([path, 401])
        expect(body.error).toContain('token')
      }
    }
    const headers = { authorization: 'Bearer secret' }
    expect((await ask(`${url}/api/v1/health`, { headers })).status).toBe(200)
  })

  it('writing asks for the ingest key alone, which the token is not', async () => {
    const url = await start({ token: 'secret' })
    expect((await send(url, makeEvent())).status).toBe(202)
    expect((await send(url, makeEvent(), 'secret')).status).toBe(401)
  })

  it('opening the page with it once sets a cookie and takes it out of the address', async () => {
    const url = await start({ token: 'secret' })
    const wrong = await fetch(`${url}/?token=other`, { redirect: 'manual' })
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('set-cookie')).toBeNull()

    const first = await fetch(`${url}/?range=6h&token=secret&env=production`, { redirect: 'manual' })
    expect(first.status).toBe(303)
    expect(first.headers.get('location')).toBe('./?range=6h&env=production')
    const set = first.headers.get('set-cookie') ?? ''
    expect(set).toMatch(/HttpOnly/)
    expect(set).toMatch(/SameSite=Strict/)
    expect(set).not.toMatch(/secret|Path=/)

    const cookie = set.split(';')[0] ?? ''
    expect((await ask(`${url}/api/v1/health`, { headers: { cookie } })).status).toBe(200)
    expect((await ask(`${url}/api/v1/health`, { headers: { cookie: `${cookie}0` } })).status).toBe(401)
    expect((await ask(`${url}/api/v1/health?token=secret`)).status).toBe(401)
    const value = cookie.split('=')[1]
    expect(
      (await ask(`${url}/api/v1/health`, { headers: { authorization: `Bearer ${value}` } })).status,
    ).toBe(401)
  })

  it('it may be served off loopback, under any name', async () => {
    const url = await start({ token: 'secret', host: '0.0.0.0' })
    expect(url).toMatch(/^http:\/\/localhost:\d+$/)
    expect(await statusFor(url, '/api/v1/health', 'analytics.example')).toBe(401)
  })
})

describe('without a token', () => {
  it.each(['127.0.0.1', 'localhost', 'LOCALHOST:4100', '127.0.0.1:80', '[::1]:4100', 'shop.localhost'])(
    'the name %s may read',
    async host => expect(await statusFor(await start(), '/api/v1/health', host)).toBe(200),
  )

  it.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1', '1270.0.0.1'])(
    'the name %s, which a web site may point here, reads nothing',
    async host => {
      const url = await start()
      for (const path of READS) expect(await statusFor(url, path, host)).toBe(403)
    },
  )
})

describe('every answer', () => {
  it.each(['/', '/api/v1/health', '/api/v1/events?limit=x', '/nothing'])(
    'of %s has the headers of caution',
    async path => {
      const { headers } = await fetch((await start()) + path)
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
      expect(headers.get('content-security-policy')).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('cache-control')).toBeTruthy()
    },
  )
})
