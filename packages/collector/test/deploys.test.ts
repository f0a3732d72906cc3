import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compare } from '../src/query/compare.js'
import { type Flow, flows } from '../src/query/flows.js'
import type { Search } from '../src/query/parameters.js'
import { releases } from '../src/query/releases.js'
import { verdict } from '../src/query/verdict.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import type { Store } from '../src/store/store.js'
import { temporaryFolder } from './helpers.js'
import { at, BEGIN, NOW, PAY, play, type Story, thrown } from './story.js'

let store: Store

const BUG = thrown('TypeError', 'no total', 'computeTotal (/app/src/cart.ts:12:7)')
const OLD = thrown('StockError', 'out of step', 'readStock (/app/src/stock.ts:8:3)')

/** A release that came at 03:00 brings an error, doubles another, and is rolled back at 03:20. */
const STORY: Story = {
  past: 6,
  rate: 12,
  releases: time => (time >= at('03:00') && time < at('03:20') ? ['api@2'] : ['api@1']),
  fault: ({ route, release, luck }) => {
    if (release === 'api@1') return luck < 0.006 ? OLD : undefined
    if (route === PAY && luck < 0.5) return BUG
    return luck < 0.1 ? OLD : undefined
  },
  jobFault: ({ release }) => (release === 'api@2' ? BUG : undefined),
  more: ['u-a', 'u-b', 'u-c'].flatMap((user, n) => {
    const seen = { user_id: user, release: 'api@1', environment: 'production', duration_ms: 5, outcome: 'ok' }
    const time = (minute: number) => new Date(BEGIN + (minute + n) * 60_000).toISOString()
    return [
      {
        event: 'pageview',
        timestamp: time(1),
        properties: {
          ...seen,
          path: '/shop',
          route: '/shop',
          method: 'GET',
          status_code: 200,
          navigation: true,
          request_id: `p${n}`,
          referrer: null,
          user_agent: null,
        },
      },
      {
        event: 'api_request',
        timestamp: time(2),
        properties: {
          ...seen,
          path: '/products',
          route: '/products',
          method: 'GET',
          status_code: 200,
          request_id: `c${n}`,
          viewset: null,
          action: null,
          query_params: {},
        },
      },
      {
        event: 'api_request',
        timestamp: time(40),
        properties: {
          ...seen,
          path: '/late',
          route: '/late',
          method: 'GET',
          status_code: 404,
          request_id: `l${n}`,
          viewset: null,
          action: null,
          query_params: {},
        },
      },
    ]
  }),
}

const asked = (more: Record<string, string> = {}): Search => {
  const given: Record<string, string> = {
    site: 'shop',
    from: new Date(BEGIN).toISOString(),
    to: new Date(NOW).toISOString(),
    ...more,
  }
  return name => given[name]
}

beforeAll(async () => {
  store = await openEmbeddedStore(temporaryFolder(afterAll), 86_400 * 3650)
  await play(store, [['shop', STORY]])
}, 300_000)
afterAll(() => store.close())

describe('flows', () => {
  let items: Flow[]
  beforeAll(async () => {
    items = (await flows(store, asked(), NOW)).items
  })
  const of = (flow: string) => items.find(each => each.flow === flow) as Flow

  it('has the one with the most failures beyond the usual first', () => {
    expect(items[0]).toMatchObject({
      flow: `POST ${PAY}`,
      method: 'POST',
      route: PAY,
      page: false,
      broken: true,
      release: 'api@2',
      error: { title: expect.stringContaining('TypeError') },
      p95_ms: 12,
      usual_p95_ms: 12,
    })
    expect(items.map(({ excess }) => excess)).toEqual(items.map(({ excess }) => excess).sort((a, b) => b - a))
  })

  it('says since when, how often, whom, and when it was over', async () => {
    const { requests, failures, rate, usual_rate, excess, users, onset, recovered_at } = of(`POST ${PAY}`)
    expect(rate).toBeCloseTo(failures / requests)
    expect(usual_rate).toBeGreaterThan(0)
    expect(usual_rate).toBeLessThan(0.02)
    expect(excess).toBeCloseTo(failures - requests * usual_rate, 6)
    expect(users).toBeGreaterThan(20)
    expect(onset).toBe((await verdict(store, asked(), NOW)).onset)
    expect(Date.parse(onset ?? '')).toBeGreaterThanOrEqual(at('03:00'))
    expect(Date.parse(onset ?? '')).toBeLessThan(at('03:04'))
    expect(Date.parse(recovered_at ?? '')).toBeGreaterThanOrEqual(at('03:18'))
    expect(Date.parse(recovered_at ?? '')).toBeLessThan(at('03:26'))
  })

  it('ties a page to what its visitors called within half an hour', () => {
    expect(of('GET /shop')).toMatchObject({ page: true, calls: [{ flow: 'GET /products', requests: 3 }] })
  })

  it('ties a flow to the jobs it enqueued', () => {
    const [job] = of(`POST ${PAY}`).jobs
    expect(job).toMatchObject({ job: 'email.receipt', queue: 'mail' })
    expect(job?.failures).toBeGreaterThan(5)
    expect(job?.attempts).toBeGreaterThan(job?.failures as number)
  })

  it('counts a client’s fault apart from failures', () => {
    expect(of('GET /late')).toMatchObject({ requests: 3, failures: 0, rejected: 3, broken: false })
  })

  it('comes in pages', async () => {
    const first = await flows(store, asked({ limit: '2' }), NOW)
    const second = await flows(store, asked({ limit: '2', cursor: first.next ?? '' }), NOW)
    expect([...first.items, ...second.items].map(({ flow }) => flow)).toEqual(
      items.slice(0, 4).map(({ flow }) => flow),
    )
  })

  it('obeys the filters', async () => {
    expect((await flows(store, asked({ flow: '/late' }), NOW)).items.map(({ flow }) => flow)).toEqual([
      'GET /late',
    ])
    expect((await flows(store, asked({ env: 'staging' }), NOW)).items).toEqual([])
    const shop = await flows(store, asked({ flow: '/shop' }), NOW)
    expect(shop.items.map(({ flow, requests }) => [flow, requests])).toEqual([
      ['GET /products', 3],
      ['GET /shop', 3],
    ])
    const page = await flows(store, asked({ flow: 'GET /shop' }), NOW)
    expect(page.items.map(({ flow }) => flow)).toEqual(['GET /shop'])
    const bad = await flows(store, asked({ release: 'api@2' }), NOW)
    expect(bad.items.map(({ flow }) => flow).sort()).toEqual([
      'GET /cart/:cart',
      'GET /products',
      `POST ${PAY}`,
    ])
  })
})

describe('releases', () => {
  it('have their times in service, a return among them, and what they did', async () => {
    const { items, complete } = await releases(store, asked(), NOW)
    expect(complete).toBe(true)
    expect(items.map(({ release }) => release)).toEqual(['api@1', 'api@2'])
    const [one, two] = items
    expect(one).toMatchObject({ environment: 'production', rollback: true, previous: 'api@2' })
    expect(one?.intervals).toHaveLength(2)
    expect(one?.intervals.at(-1)?.to).toBeNull()
    expect(two).toMatchObject({ rollback: false, previous: 'api@1', errors: { new: 1, grown: 1, gone: 0 } })
    expect(two?.first_seen).toMatch(/^2026-11-22T03:00/)
    expect(two?.intervals[0]?.to).toMatch(/^2026-11-22T03:(19|20)/)
    expect((one?.share ?? 0) + (two?.share ?? 0)).toBeCloseTo(1)
    expect(two?.rate).toBeCloseTo((two?.failures ?? 0) / (two?.requests ?? 1))
    expect(two?.rate).toBeGreaterThan(0.1)
  })

  it('are compared by what is met in 1,000 requests', async () => {
    const answer = await compare(store, asked({ a: 'api@1', b: 'api@2' }), NOW)
    const titles = (list: readonly { exception_type: string }[]) =>
      list.map(({ exception_type }) => exception_type)
    expect(titles(answer.new)).toEqual(['TypeError'])
    expect(titles(answer.grown)).toEqual(['StockError'])
    expect([answer.same, answer.gone]).toEqual([[], []])
    expect(answer.a.release).toBe('api@1')
    const [bug] = answer.new
    expect(bug?.a).toEqual({ count: 0, per_1000: 0 })
    expect(bug?.b.per_1000).toBeCloseTo(((bug?.b.count ?? 0) / answer.b.requests) * 1000)
    const back = await compare(store, asked({ a: 'api@2', b: 'api@1' }), NOW)
    expect(titles(back.gone)).toEqual(['TypeError'])
    expect(titles(back.same)).toEqual(['StockError'])
  })

  it('are to be named for that', async () => {
    await expect(compare(store, asked({ a: 'api@1' }), NOW)).rejects.toThrow('Expected `b` to be a release')
  })
})
