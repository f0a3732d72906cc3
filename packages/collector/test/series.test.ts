import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { createKey } from '../src/ingest/keys.js'
import { ask, KEY, makeEvent, SITE, send, temporaryFolder } from './helpers.js'

const data = temporaryFolder(afterAll)
const otherKey = createKey(data, 'site_2').key
let collector: Collector

const at = (time: string) => ({ timestamp: `2024-05-01T${time}Z` })
const apiRequest = (properties: object, time: string) =>
  makeEvent({ ...properties }, { event: 'api_request', ...at(time) })
const pageview = (properties: object, time: string) => makeEvent({ ...properties }, at(time))
const exception = (properties: object, time: string) =>
  makeEvent(
    { exception_type: 'Error', exception_message: 'm', traceback: 't', mechanism: 'request', ...properties },
    { event: 'exception', ...at(time) },
  )
const task = (event: string, properties: object, time: string) =>
  makeEvent({ task_name: 'mail', ...properties }, { event, ...at(time) })

const crashed = randomUUID()
const broken = randomUUID()
const borrowed = randomUUID()
const noticed = randomUUID()
const refused = randomUUID()

/** From 10:00 on, two buckets of a minute with something in them and one without between. */
const HISTORY = [
  pageview({ navigation: true, visitor_id: 'v1', release: 'r1', environment: 'production' }, '10:00:00.000'),
  pageview({ navigation: true, visitor_id: 'v1', release: 'r1', route: '/a' }, '10:00:10.000'),
  pageview({ navigation: true, visitor_id: 'v2', status_code: 404 }, '10:00:20.000'),
  pageview({ navigation: false, visitor_id: 'v3', weight: 2.5 }, '10:00:30.000'),
  apiRequest({ weight: 2.5, environment: 'staging' }, '10:00:59.999'),
  // Failures: 5xx with its exception counts once; a broken stream; an exception behind a 200; a borrowed 4xx.
  apiRequest(
    { status_code: 500, request_id: crashed, route: '/pay', method: 'POST', user_id: 'u1' },
    '10:02:00.000',
  ),
  exception({ status_code: 500, request_id: crashed }, '10:02:00.100'),
  apiRequest({ status_code: 200, outcome: 'stream_error', request_id: broken }, '10:02:01.000'),
  exception({ status_code: 200, request_id: broken }, '10:02:01.100'),
  apiRequest({ status_code: 200, request_id: noticed, weight: 3 }, '10:02:02.000'),
  exception({ status_code: 200, request_id: noticed }, '10:02:02.100'),
  apiRequest({ status_code: 404, request_id: borrowed }, '10:02:03.000'),
  exception({ status_code: 404, request_id: borrowed, borrowed_status: true }, '10:02:03.100'),
  // No failures: an exception reported by hand, a 4xx with one that is not its own, a client that left.
  apiRequest({ status_code: 200, request_id: refused }, '10:02:04.000'),
  exception({ status_code: 200, request_id: refused, mechanism: 'manual' }, '10:02:04.100'),
  apiRequest({ status_code: 401 }, '10:02:05.000'),
  apiRequest({ status_code: null, outcome: 'client_abort' }, '10:02:06.000'),
  exception({ request_id: null, mechanism: 'uncaught' }, '10:02:07.000'),
  task(
    'task_failed',
    { exception_type: 'E', exception_message: 'm', final: false, reason: 'error' },
    '10:02:08.000',
  ),
  task(
    'task_failed',
    { exception_type: 'E', exception_message: 'm', final: true, reason: 'exhausted' },
    '10:02:09.000',
  ),
  task('task_completed', { state: 'completed' }, '10:02:10.000'),
]

beforeAll(async () => {
  collector = await createCollector({ port: 0, data, site: SITE, key: KEY })
  expect((await send(collector.url, HISTORY)).body).toEqual({ accepted: HISTORY.length, rejected: [] })
  const other = makeEvent({ visitor_id: 'v9' }, { site_id: 'site_2', ...at('10:01:00.000') })
  expect((await send(collector.url, other, otherKey)).status).toBe(202)
})
afterAll(() => collector.close())

const series = (query: string) => ask(`${collector.url}/api/v1/series?${query}`)
const minutes = async (query = `site=${SITE}`, window = 'from=2024-05-01T10:00Z&to=2024-05-01T10:03Z') =>
  (await series(`${window}&step=60000&${query}`)).body.buckets as Record<string, number>[]
const total = async (query: string) => {
  const [bucket] = (await series(`from=2024-05-01T10:00Z&to=2024-05-01T11:00Z&step=3600000&${query}`)).body
    .buckets as object[]
  return bucket as Record<string, number>
}

describe('the figures of a known history', () => {
  it('are right, bucket by bucket, the empty one too', async () => {
    expect(await minutes()).toEqual([
      {
        at: '2024-05-01T10:00:00.000Z',
        requests: 8,
        failures: 0,
        rejected: 1,
        pageviews: 3,
        visitors: 3,
        task_failures: 0,
      },
      {
        at: '2024-05-01T10:01:00.000Z',
        requests: 0,
        failures: 0,
        rejected: 0,
        pageviews: 0,
        visitors: 0,
        task_failures: 0,
      },
      {
        at: '2024-05-01T10:02:00.000Z',
        requests: 9,
        failures: 6,
        rejected: 1,
        pageviews: 0,
        // A user of whom no visitor id is told.
        visitors: 1,
        task_failures: 1,
      },
    ])
  })

  it('hold what begins with the window and not what begins with its end', async () => {
    const counts = async (from: string, to: string) =>
      (await minutes('', `from=2024-05-01T${from}Z&to=2024-05-01T${to}Z`)).map(bucket => bucket.requests)
    expect(await counts('10:00:00.000', '10:00:00.001')).toEqual([1])
    expect(await counts('10:00:00.001', '10:00:10.000')).toEqual([0])
    expect(await counts('10:00:30.000', '10:01:00.001')).toEqual([5, 1])
  })

  const filters: [query: string, figures: Record<string, number>][] = [
    ['site=site_2', { requests: 1, visitors: 1 }],
    ['', { requests: 18, visitors: 5 }],
    [`site=${SITE}&release=r1`, { requests: 2, pageviews: 2, visitors: 1 }],
    [`site=${SITE}&env=staging`, { requests: 3 }],
    [`site=${SITE}&env=production`, { requests: 1 }],
    [`site=${SITE}&user=u1`, { requests: 1, failures: 1 }],
    [`site=${SITE}&flow=/pay`, { requests: 1, failures: 1 }],
    [`site=${SITE}&flow=POST%20/pay`, { requests: 1, failures: 1 }],
    [`site=${SITE}&flow=GET%20/pay`, { requests: 0 }],
    [`site=${SITE}&status=5xx`, { requests: 1, failures: 1 }],
    [`site=${SITE}&status=404`, { requests: 2, failures: 1, rejected: 1 }],
    [`site=${SITE}&q=PAY`, { requests: 1, failures: 1 }],
    [`site=${SITE}&job=mail`, { requests: 0, task_failures: 1 }],
    ["site=site_1'%20OR%201=1", { requests: 0 }],
  ]
  it.each(filters)('obey the filter %j', async (query, figures) => {
    expect(await total(query)).toMatchObject(figures)
  })

  const apart: [by: string, requests: Record<string, number>][] = [
    ['site', { site_1: 17, site_2: 1 }],
    ['status', { '2xx': 13, '4xx': 3, '5xx': 1, '': 1 }],
    ['environment', { '': 15, staging: 3, production: 1 }],
    ['release', { '': 16, r1: 2 }],
    ['route', { GET: 16, 'GET /a': 1, 'POST /pay': 1 }],
    ['event', { pageview: 7, api_request: 12, task_failed: 0 }],
    ['service', { '': 18 }],
  ]
  it.each(apart)('are taken apart by %s', async (by, requests) => {
    const { body } = await series(`from=2024-05-01T10:00Z&to=2024-05-01T11:00Z&step=3600000&by=${by}`)
    const list = body.series as { key: string; buckets: Record<string, number>[] }[]
    const found = Object.fromEntries(list.map(({ key, buckets }) => [key.trim(), buckets[0]?.requests]))
    expect(found).toEqual(requests)
    expect(list.map(({ buckets }) => buckets[0]?.requests)).toEqual(
      Object.values(found).sort((a, b) => Number(b) - Number(a)),
    )
    expect(body.buckets).toEqual([expect.objectContaining({ requests: 18, failures: 6, visitors: 5 })])
  })
})

describe('the grid', () => {
  const steps: [window: string, step: number, buckets: number][] = [
    ['from=2024-05-01T00:00Z&to=2024-05-01T00:15Z', 5_000, 180],
    ['from=2024-05-01T00:00Z&to=2024-05-01T01:00Z', 15_000, 240],
    ['from=2024-05-01T00:00Z&to=2024-05-02T00:00Z', 300_000, 288],
    ['from=2024-05-01T00:00Z&to=2024-05-08T00:00Z', 3_600_000, 168],
    ['from=2024-05-01T00:00:01Z&to=2024-05-01T00:00:02Z&step=60000', 60_000, 1],
  ]
  it.each(steps)('of %s', async (window, step, buckets) => {
    const { body } = await series(window)
    expect(body.step_ms).toBe(step)
    expect(body.buckets).toHaveLength(buckets)
  })

  it('is that of the last 24 hours unless said', async () => {
    await send(collector.url, makeEvent({}, { event: 'api_request' }))
    const { body } = await series('')
    const buckets = body.buckets as { at: string; requests: number }[]
    expect(buckets.reduce((sum, bucket) => sum + bucket.requests, 0)).toBe(1)
    expect(buckets.length).toBeGreaterThanOrEqual(288)
    expect(Date.parse(String(body.as_of))).toBeGreaterThan(Date.now() - 60_000)
  })
})

describe('loss', () => {
  it('is told where a client reported it for this window, and only what was not left out on purpose', async () => {
    const report = (dropped: object, since: string, until: string) =>
      makeEvent(
        { dropped, since: `2024-05-03T${since}Z`, until: `2024-05-03T${until}Z` },
        { event: 'client_report', timestamp: `2024-05-03T${until}Z` },
      )
    await send(collector.url, [
      report({ queue_full: 12, sampled: 1000, before_send: 3, repeated: 4 }, '10:00:00', '10:05:00'),
      report({ expired: 5 }, '10:05:00', '10:10:00'),
      report({ expired: 100 }, '11:00:00', '11:10:00'),
    ])
    const told = async (from: string, to: string) => {
      const { body } = await series(`from=2024-05-03T${from}Z&to=2024-05-03T${to}Z`)
      return [body.complete, body.dropped]
    }
    expect(await told('10:01', '10:02')).toEqual([false, 12])
    expect(await told('10:01', '10:09')).toEqual([false, 17])
    expect(await told('10:20', '10:40')).toEqual([true, 0])
  })
})

describe('a wrong parameter is 400 and named', () => {
  const cases: [query: string, name: string][] = [
    ['from=yesterday', 'from'],
    ['to=2024-13-45', 'to'],
    ['from=2024-05-02T00:00Z&to=2024-05-01T00:00Z', 'from'],
    ['from=-1', 'from'],
    ['to=9999-12-31', 'to'],
    ['to=1970-01-01', 'from'],
    ['step=0', 'step'],
    ['step=1.5', 'step'],
    ['from=2024-01-01&to=2024-05-01&step=1000', 'step'],
    ['by=password', 'by'],
    ['by=constructor', 'by'],
    ['status=6xx', 'status'],
    ['status=1000', 'status'],
    [`q=${'x'.repeat(2049)}`, 'q'],
  ]
  it.each(cases)('%s', async (query, name) => {
    const { status, body } = await series(query)
    expect(status).toBe(400)
    expect(body.error).toMatch(new RegExp(`^Expected \`${name}\` to be .*\\.$`))
  })
})
