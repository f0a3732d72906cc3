import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { ask, KEY, SITE, send, temporaryFolder } from './helpers.js'
import { exhausted, made } from './made-jobs.js'

type Item = Record<string, unknown>

const WINDOW = 'from=2024-09-01&to=2024-09-02'
let collector: Collector

/** A page that someone opened, or a call that it made. */
const opened = (time: string, path: string, properties: object) =>
  made('pageview', time, {
    path,
    route: path,
    method: 'GET',
    status_code: 200,
    duration_ms: 5,
    navigation: true,
    ...properties,
  })
const called = (time: string, route: string, properties: object) =>
  made('api_request', time, {
    path: route,
    route,
    method: 'POST',
    status_code: 200,
    duration_ms: 5,
    ...properties,
  })
const threw = (time: string, properties: object) =>
  made('exception', time, {
    exception_type: 'TypeError',
    exception_message: 'no id',
    traceback: 'TypeError: no id\n    at pay (/app/src/pay.ts:7:3)',
    mechanism: 'request',
    ...properties,
  })

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0'
const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const SHOP = 'https://shop.example'

const EVENTS = [
  // u1 pays in vain, and goes on failing.
  opened('10:00:00.000', '/cart', {
    user_id: 'u1',
    visitor_id: 'v1',
    user_agent: CHROME,
    country: 'DE',
    request_id: 'r1',
  }),
  called('10:00:10.000', '/pay', { user_id: 'u1', status_code: 500, request_id: 'r2', release: 'b' }),
  threw('10:00:10.001', { user_id: 'u1', status_code: 500, request_id: 'r2', release: 'b' }),
  called('10:05:00.000', '/pay', { user_id: 'u1', status_code: 500, request_id: 'r3', release: 'b' }),
  threw('10:05:00.001', { user_id: 'u1', status_code: 500, request_id: 'r3', release: 'b' }),
  // u2 pays in vain, then pays.
  called('10:01:00.000', '/pay', { user_id: 'u2', status_code: 503, request_id: 'r4' }),
  called('10:02:00.000', '/pay', { user_id: 'u2', request_id: 'r5' }),
  // u3 has a letter that never leaves; a visitor reads, and asks for what is not there.
  exhausted('10:03:00.000', { user_id: 'u3', task_name: 'email.receipt', task_id: '1', queue: 'mail' }),
  opened('10:04:00.000', '/cart', {
    visitor_id: 'v4',
    user_agent: FIREFOX,
    referrer: 'https://search.example/find',
    utm_source: 'news',
    utm_medium: 'mail',
    utm_campaign: 'spring',
    country: 'FR',
    request_id: 'r6',
  }),
  opened('10:04:30.000', '/about', {
    visitor_id: 'v4',
    user_agent: FIREFOX,
    referrer: `${SHOP}/cart`,
    status_code: 404,
    country: 'FR',
    request_id: 'r7',
  }),
  opened('10:06:00.000', '/cart', { visitor_id: 'v5', user_agent: BOT, country: 'US', request_id: 'r8' }),
  // A fault that the status does not tell of, and an upstream client's 404 that was lent to the answer.
  called('10:07:00.000', '/sync', { user_id: 'u6', request_id: 'r9', outcome: 'ok' }),
  threw('10:07:00.001', { user_id: 'u6', status_code: 200, request_id: 'r9' }),
  called('10:08:00.000', '/ship', { user_id: 'u6', status_code: 404, request_id: 'r10' }),
  threw('10:08:00.001', { user_id: 'u6', status_code: 404, borrowed_status: true, request_id: 'r10' }),
]

beforeAll(async () => {
  collector = await createCollector({ port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY })
  expect((await send(collector.url, EVENTS)).body).toEqual({ accepted: EVENTS.length, rejected: [] })
})
afterAll(() => collector.close())

const answer = async (path: string) => {
  const { status, body } = await ask(`${collector.url}/api/v1/${path}`)
  expect(body.error).toBeUndefined()
  expect(status).toBe(200)
  return body
}
const items = async (path: string) => (await answer(path)).items as Item[]

/** All pages of a list. */
async function everyItem(path: string): Promise<Item[]> {
  const found: Item[] = []
  for (let next: unknown = ''; next !== undefined; ) {
    const body = await answer(`${path}&cursor=${next}`)
    found.push(...(body.items as Item[]))
    next = body.next
  }
  return found
}

describe('GET /api/v1/requests', () => {
  const ids = async (query: string) => (await items(`requests?${WINDOW}&${query}`)).map(({ id }) => id)

  it('lists requests alone, the newest first, with what went wrong in each', async () => {
    expect(await ids('')).toEqual(['r10', 'r9', 'r8', 'r3', 'r7', 'r6', 'r5', 'r4', 'r2', 'r1'])
    const [found] = await items(`requests?${WINDOW}&user=u1&failed=true`)
    expect(found).toMatchObject({
      id: 'r3',
      event: 'api_request',
      timestamp: '2024-09-01T10:05:00.000Z',
      method: 'POST',
      route: '/pay',
      status_code: 500,
      failed: true,
      user_id: 'u1',
      visitor_id: null,
      release: 'b',
      site: SITE,
      exception: { exception_type: 'TypeError', exception_message: 'no id', group: expect.any(String) },
    })
  })

  it.each([
    ['failed=true', ['r10', 'r9', 'r3', 'r4', 'r2']],
    ['failed=true&release=b', ['r3', 'r2']],
    ['failed=false&status=503', ['r4']],
    ['flow=POST%20/pay&user=u2', ['r5', 'r4']],
    ['q=about', ['r7']],
    ['site=site_2', []],
  ])('obeys %s', async (query, expected) => expect(await ids(query)).toEqual(expected))

  it.each([1, 3, 10])('comes in pages of %i without a gap or a repetition', async limit =>
    expect((await everyItem(`requests?${WINDOW}&limit=${limit}`)).map(({ id }) => id)).toEqual(await ids('')),
  )

  it.each(['failed=yes', 'limit=0', 'cursor=AAAA'])('refuses %s and names it', async query => {
    const { status, body } = await ask(`${collector.url}/api/v1/requests?${query}`)
    expect(status).toBe(400)
    expect(body.error).toContain(`\`${query.split('=')[0]}\``)
  })
})

describe('GET /api/v1/users', () => {
  const brief = ({ id, kind, requests, failures, task_failures, state }: Item) =>
    `${kind} ${id}: ${failures} of ${requests}, ${task_failures} jobs, ${state}`

  it('lists users and visitors, the worst hit first, and says whether it still fails them', async () => {
    expect((await items(`users?${WINDOW}`)).map(brief)).toEqual([
      'user u1: 2 of 3, 0 jobs, failing',
      'user u6: 2 of 2, 0 jobs, failing',
      'user u2: 1 of 2, 0 jobs, recovered',
      'user u3: 0 of 0, 1 jobs, failing',
      'visitor v4: 0 of 2, 0 jobs, fine',
      'visitor v5: 0 of 1, 0 jobs, fine',
    ])
  })

  it('counts who came and who was affected', async () => {
    const totals = { users: 4, visitors: 2, affected_users: 4, affected_visitors: 0, failing: 3 }
    expect((await answer(`users?${WINDOW}`)).totals).toEqual(totals)
    expect((await answer(`users?${WINDOW}&affected=true&limit=1`)).totals).toEqual(totals)
    expect(await answer(`users?${WINDOW}&user=v4&affected=true`)).toMatchObject({ items: [] })
  })

  it('says when it began for one, and which errors they met', async () => {
    expect((await items(`users?${WINDOW}&user=u1`))[0]).toEqual({
      id: 'u1',
      kind: 'user',
      requests: 3,
      failures: 2,
      rejected: 0,
      task_failures: 0,
      first_seen: '2024-09-01T10:00:00.000Z',
      last_seen: '2024-09-01T10:05:00.000Z',
      first_failure: '2024-09-01T10:00:10.000Z',
      last_failure: '2024-09-01T10:05:00.000Z',
      state: 'failing',
      groups: [{ id: expect.any(String), title: expect.stringContaining('TypeError'), count: 2 }],
    })
    expect((await items(`users?${WINDOW}`)).at(-2)).toMatchObject({
      id: 'v4',
      rejected: 1,
      first_failure: null,
      last_failure: null,
      groups: [],
    })
  })

  it.each([1, 2, 5])('comes in pages of %i without a gap or a repetition', async limit =>
    expect((await everyItem(`users?${WINDOW}&limit=${limit}`)).map(brief)).toEqual(
      (await items(`users?${WINDOW}`)).map(brief),
    ),
  )

  describe('of more equals than are put in order at once', () => {
    const ids = Array.from({ length: 1200 }, (_, n) => `equal ${String(n).padStart(4, '0')}`)
    const day = 'from=2024-09-03&to=2024-09-04'

    beforeAll(async () => {
      const crowd = ids.map(visitor_id => ({
        ...opened('', '/cart', { visitor_id, request_id: visitor_id }),
        timestamp: '2024-09-03T10:00:00.000Z',
      }))
      for (let n = 0; n < crowd.length; n += 200) await send(collector.url, crowd.slice(n, n + 200).reverse())
    })

    it.each([1, 400])('goes by their ids, %i a page', async limit => {
      const first = await answer(`users?${day}&limit=${limit}`)
      const second = await answer(`users?${day}&limit=${limit}&cursor=${first.next}`)
      const found = [...(first.items as Item[]), ...(second.items as Item[])].map(({ id }) => id)
      expect(found).toEqual(ids.slice(0, 2 * limit))
      expect(first.totals).toMatchObject({ users: 0, visitors: 1200, failing: 0 })
    })
  })

  it('lists the affected alone where it is asked for', async () => {
    const ids = (await everyItem(`users?${WINDOW}&affected=true&limit=2`)).map(({ id }) => id)
    expect(ids).toEqual(['u1', 'u6', 'u2', 'u3'])
  })

  it.each(['affected=1', 'cursor=AAAA', 'cursor=MQ'])('refuses %s and names it', async query => {
    const { status, body } = await ask(`${collector.url}/api/v1/users?${query}`)
    expect(status).toBe(400)
    expect(body.error).toContain(`\`${query.split('=')[0]}\``)
  })
})

describe('GET /api/v1/users/:id/timeline', () => {
  const told = async (id: string, query = '') =>
    (await items(`users/${id}/timeline?${WINDOW}&${query}`)).map(
      ({ event, timestamp }) => `${String(timestamp).slice(11, 19)} ${event}`,
    )

  it('tells what a user did and what happened to them, the newest first', async () => {
    expect(await told('u1')).toEqual([
      '10:05:00 exception',
      '10:05:00 api_request',
      '10:00:10 exception',
      '10:00:10 api_request',
      '10:00:00 pageview',
    ])
    expect(await told('u3')).toEqual(['10:03:00 task_failed'])
    expect(await items('users/u1/timeline?from=2024-09-01&to=2024-09-01T10:01Z')).toHaveLength(3)
  })

  it('tells it of a visitor as long as nobody was signed in', async () => {
    expect(await told('v4')).toEqual(['10:04:30 pageview', '10:04:00 pageview'])
    expect(await told('v1')).toEqual([])
  })

  it('is empty for someone unknown, whatever the id holds', async () => {
    expect(await told(encodeURIComponent("x' OR '1'='1"))).toEqual([])
  })

  it.each([1, 2])('comes in pages of %i without a gap or a repetition', async limit =>
    expect(await everyItem(`users/u1/timeline?${WINDOW}&limit=${limit}`)).toEqual(
      await items(`users/u1/timeline?${WINDOW}`),
    ),
  )
})

describe('GET /api/v1/pages', () => {
  it('counts the pages that people opened, bots apart', async () => {
    const found = await answer(`pages?${WINDOW}`)
    expect(found.items).toEqual([
      { page: '/cart', pageviews: 2, visitors: 2, failures: 0, entries: 2 },
      { page: '/about', pageviews: 1, visitors: 1, failures: 0, entries: 0 },
    ])
    expect(found.totals).toEqual({ pageviews: 3, visitors: 2, bots: 1 })
    expect(found.bots).toEqual([{ name: expect.stringMatching(/googlebot/i), requests: 1 }])
  })

  it('says where people came from: another host, a link that names itself, or neither', async () => {
    const found = await answer(`pages?${WINDOW}`)
    expect(found.referrers).toEqual([
      { referrer: '', pageviews: 1, visitors: 1 },
      { referrer: 'search.example', pageviews: 1, visitors: 1 },
    ])
    expect(found.sources).toEqual([
      { source: 'news', medium: 'mail', campaign: 'spring', pageviews: 1, visitors: 1 },
    ])
    expect(found.browsers).toEqual([
      { browser: 'Firefox', pageviews: 2, visitors: 1 },
      { browser: 'Chrome', pageviews: 1, visitors: 1 },
    ])
  })

  it('counts the countries that a proxy told of, and no others', async () => {
    const found = await answer(`pages?${WINDOW}`)
    expect(found.countries).toEqual([
      { country: 'FR', pageviews: 2, visitors: 1 },
      { country: 'DE', pageviews: 1, visitors: 1 },
    ])
    expect((await answer(`pages?${WINDOW}&user=u1`)).countries).toHaveLength(1)
    expect((await answer(`pages?${WINDOW}&flow=GET%20/pay`)).countries).toEqual([])
  })

  it('obeys the filters, and comes in pages', async () => {
    expect(await items(`pages?${WINDOW}&user=u1`)).toMatchObject([{ page: '/cart', pageviews: 1 }])
    expect((await everyItem(`pages?${WINDOW}&limit=1`)).map(({ page }) => page)).toEqual(['/cart', '/about'])
  })
})
