import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { ask, KEY, makeEvent, SITE, send, stored, temporaryFolder } from './helpers.js'

let collector: Collector

const DAY = '2024-07-01'
const WINDOW = `from=${DAY}&to=2024-07-02`
/** 250 events, two at every moment but the last; their numbers in the order of time. */
const EVENTS = Array.from({ length: 250 }, (_, n) =>
  makeEvent(
    {
      n,
      route: n % 2 ? '/odd/:n' : '/even/:n',
      status_code: n % 50 === 0 ? 503 : 200,
      user_id: `u${n % 5}`,
      release: n < 100 ? 'r1' : 'r2',
      environment: 'production',
      request_id: `request-${n}`,
    },
    {
      event: n % 10 ? 'pageview' : 'api_request',
      timestamp: new Date(Date.parse(DAY) + (n >> 1) * 1000).toISOString(),
    },
  ),
)

beforeAll(async () => {
  collector = await createCollector({ port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY })
  const shuffled = EVENTS.map((_, i) => EVENTS[(i * 77) % EVENTS.length])
  expect((await send(collector.url, shuffled)).body.accepted).toBe(250)
})
afterAll(() => collector.close())

const list = (query: string) => ask(`${collector.url}/api/v1/events?${query}`)
const times = (items: unknown) => (items as { timestamp: string }[]).map(item => item.timestamp)

describe('GET /api/v1/events', () => {
  it('lists 100 unless said, newest first, each as it was sent', async () => {
    const { status, body } = await list(WINDOW)
    expect(status).toBe(200)
    expect(body.items).toHaveLength(100)
    expect(body).toMatchObject({ complete: true, dropped: 0, as_of: expect.stringMatching(/Z$/) })
    expect(times(body.items)).toEqual(times(EVENTS.slice(150)).reverse())
    const bySentId = new Map(EVENTS.map(event => [event.event_id, event]))
    for (const item of body.items as typeof EVENTS) expect(item).toEqual(bySentId.get(item.event_id))
  })

  it.each([1, 7, 100, 249, 250, 1000])('comes in pages of %i without a gap or a repetition', async limit => {
    const ids: string[] = []
    let next: unknown = ''
    while (next !== undefined) {
      const { body } = await list(`${WINDOW}&limit=${limit}&cursor=${next}`)
      expect((body.items as unknown[]).length).toBeLessThanOrEqual(limit)
      ids.push(...(body.items as typeof EVENTS).map(item => item.event_id))
      next = body.next
      if (limit === 1 && ids.length === 5) return
    }
    expect([...ids].sort()).toEqual(EVENTS.map(event => event.event_id).sort())
  })

  const filters: [query: string, count: number][] = [
    ['event=api_request', 25],
    ['event=nothing', 0],
    [`site=${SITE}`, 250],
    ['site=site_2', 0],
    ['env=production', 250],
    ['release=r1', 100],
    ['user=u3', 50],
    ['status=503', 5],
    ['status=5xx', 5],
    ['request=request-42', 1],
    ['q=/ODD/', 125],
    ['q=%25', 0],
    ['event=pageview&user=u3&release=r2', 30],
    ["event=pageview'%20OR%20'1'='1", 0],
  ]
  it.each(filters)('obeys %s', async (query, count) => {
    expect(await stored(collector.url, `${WINDOW}&${query}`)).toHaveLength(count)
  })

  it('takes the window with its beginning and without its end', async () => {
    const found = await stored(collector.url, `from=${DAY}T00:00:01Z&to=${DAY}T00:00:03Z`)
    expect(new Set(times(found))).toEqual(new Set([`${DAY}T00:00:01.000Z`, `${DAY}T00:00:02.000Z`]))
  })

  it.each(['2024-07-01T02:00:00%2B02:00', '2024-07-01T02:00:00+02:00', '2024-07-01T00:00', '2024-07-01'])(
    'reads the moment %s',
    async from => expect(await stored(collector.url, `from=${from}&to=${DAY}T00:00:01Z`)).toHaveLength(2),
  )

  it('shows the last 24 hours unless said', async () => {
    const now = Date.now()
    const at = (ago: number) =>
      makeEvent({}, { event: 'recent', timestamp: new Date(now - ago).toISOString() })
    const [fresh, old] = [at(0), at(86_400_000 + 60_000)]
    await send(collector.url, [fresh, old])
    expect((await stored(collector.url, 'event=recent')).map(event => event.event_id)).toEqual([
      fresh.event_id,
    ])
  })

  const wrong: [query: string, name: string][] = [
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=ten', 'limit'],
    ['from=never', 'from'],
    ['to=1720000000', 'to'],
    ['from=2024-02-30T00:00:00Z', 'from'],
    ['to=2023-02-29', 'to'],
    ['cursor=AAAA', 'cursor'],
    [`cursor=${btoa('2026-02-31 10:00:00.000\nid')}`, 'cursor'],
    ['cursor=%00', 'cursor'],
    ['status=abc', 'status'],
    ['status=600', 'status'],
  ]
  it.each(wrong)('refuses %s and names it', async (query, name) => {
    const { status, body } = await list(query)
    expect(status).toBe(400)
    expect(body.error).toMatch(new RegExp(`^Expected \`${name}\` to be .*\\.$`))
  })
})

describe('GET /api/v1/health', () => {
  it('counts what is stored', async () => {
    const before = (await ask(`${collector.url}/api/v1/health`)).body
    expect(before).toEqual({
      status: 'ok',
      events: expect.any(Number),
      lag_ms: expect.any(Number),
      store: 'embedded',
    })
    await send(collector.url, [makeEvent(), makeEvent()])
    const after = (await ask(`${collector.url}/api/v1/health`)).body
    expect(after.events).toBe(Number(before.events) + 2)
    expect(after.lag_ms).toBeGreaterThanOrEqual(0)
  })
})

describe('any other address', () => {
  it.each([
    '/nothing',
    '/v1',
    '/v1/events/1',
    '/api/v1',
    '/api/v1/flows/1',
    '/assets/..%2findex.html',
    '/assets/nothing.js',
  ])('%s is 404 in JSON', async path => {
    const { status, body } = await ask(`${collector.url}${path}`)
    expect(status).toBe(404)
    expect(body).toEqual({ error: expect.any(String) })
  })

  it.each(['/api/v1/health', '/api/v1/events', '/api/v1/series', '/api/v1/stream', '/'])(
    '%s takes no POST',
    async path => {
      const { status, headers, body } = await ask(`${collector.url}${path}`, { method: 'POST' })
      expect(status).toBe(405)
      expect(headers.get('allow')).toBe('GET, HEAD')
      expect(body).toEqual({ error: expect.any(String) })
    },
  )
})
