import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createRandom,
  createTally,
  drive,
  type Made,
  planVisit,
  ROUTES,
  routeOf,
} from '../src/traffic/index.js'

const servers: Server[] = []
afterEach(() => Promise.all(servers.splice(0).map(server => new Promise(resolve => server.close(resolve)))))

/** Answers everything like a shop that never fails, slowly where a visitor may leave. */
async function fakeShop(): Promise<{ origin: string; seen: string[] }> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${String(request.headers.traceparent).split('-')[1]}`)
    request.resume()
    if (request.url?.endsWith('/delivery')) return void response.once('close', () => {})
    response.writeHead(request.url === '/api/carts' ? 201 : 200)
    if (request.url?.endsWith('/export')) response.write('first line\n')
    else response.end(JSON.stringify({ id: 'c1' }))
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

/** Visits whose visitors do not wait for what the fake shop never ends. */
function seedOfImpatience(visits: number): number {
  for (let seed = 1; ; seed++) {
    const steps = visitsOf(seed, visits).flatMap(({ steps }) => steps)
    const endless = steps.filter(({ to }) => to === 'delivery' || to === 'exportOrders')
    if (endless.length > 1 && endless.every(({ leaves }) => leaves)) return seed
  }
}

function visitsOf(seed: number, visits: number) {
  return Array.from({ length: visits }, (_, index) => planVisit(createRandom(seed * 1_000_003 + index)))
}

describe('the plan', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(visitsOf(1, 50)).toEqual(visitsOf(1, 50))
    expect(visitsOf(1, 50)).not.toEqual(visitsOf(2, 50))
  })

  it('has every route, every status and every way of leaving in it', () => {
    const steps = visitsOf(1, 1_500).flatMap(({ steps }) => steps)
    expect(new Set(steps.map(({ to }) => to).filter(to => !to.startsWith('/')))).toEqual(
      new Set(Object.keys(ROUTES)),
    )
    expect([...new Set(steps.map(({ status }) => status))].sort()).toEqual([200, 201, 402, 404, 500, 502])
    expect(new Set(steps.map(({ leaves }) => leaves))).toEqual(new Set([undefined, 'unanswered', 'half-way']))
    expect(steps.some(({ prefetch }) => prefetch)).toBe(true)
  })

  it('asks for nothing that needs a cart before there is one', () => {
    for (const { steps } of visitsOf(3, 300)) {
      const made = steps.findIndex(({ to }) => to === 'createCart')
      const needed = steps.findIndex(step => routeOf(step)?.pattern.includes(':cart'))
      if (needed >= 0) expect(made).toBeGreaterThanOrEqual(0)
      expect(needed < 0 || made < needed).toBe(true)
    }
  })
})

describe('drive', () => {
  it('makes every request once and counts what it made', async () => {
    const { origin, seen } = await fakeShop()
    const visits = 25
    const seed = seedOfImpatience(visits)
    const planned = visitsOf(seed, visits).flatMap(({ steps }) => steps)
    const made: Made[] = []
    const tally = createTally()
    let seats = 0
    await drive({
      seed,
      visits,
      concurrency: 5,
      pause: 0,
      seat: () => ({ origin, leave: () => seats++ }),
      onRequest(one) {
        made.push(one)
        tally.add(one)
      },
    })
    expect(seats).toBe(visits)
    expect(made).toHaveLength(planned.length)
    expect(seen).toHaveLength(planned.length)
    expect(new Set(seen.map(line => line.split(' ')[2]))).toEqual(new Set(made.map(({ traceId }) => traceId)))
    expect(tally.requests).toBe(planned.length)
    expect(tally.pages + tally.api).toBe(planned.length)
    expect(tally.aborted).toBe(planned.filter(({ leaves }) => leaves).length)
    expect(tally.prefetches).toBe(planned.filter(({ prefetch }) => prefetch).length)
  })

  it('begins no visit after the signal, and ends those under way', async () => {
    const { origin } = await fakeShop()
    const ending = new AbortController()
    const visits: unknown[] = []
    const seed = seedOfImpatience(25)
    await drive({
      seed,
      visits: Number.POSITIVE_INFINITY,
      concurrency: 1,
      pause: 0,
      seat: () => ({ origin, leave() {} }),
      signal: ending.signal,
      onRequest({ visit }) {
        if (!visits.includes(visit)) visits.push(visit)
        if (visits.length === 3) ending.abort()
      },
    })
    expect(visits).toEqual(visitsOf(seed, 3))
  })

  it('rejects where a request could not be made', async () => {
    const { origin } = await fakeShop()
    await new Promise(resolve => servers.splice(0)[0]?.close(resolve))
    const options = { seed: 1, visits: 3, concurrency: 2, pause: 0, onRequest() {} }
    await expect(drive({ ...options, seat: () => ({ origin, leave() {} }) })).rejects.toThrow('ECONNREFUSED')
  })
})
