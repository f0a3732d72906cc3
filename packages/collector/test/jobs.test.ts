import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { createKey } from '../src/ingest/keys.js'
import { ask, KEY, SITE, send, temporaryFolder } from './helpers.js'
import { done, exhausted, failed, made } from './made-jobs.js'

const data = temporaryFolder(afterAll)
const otherKey = createKey(data, 'site_2').key
let collector: Collector

const receipt = { task_name: 'email.receipt', queue: 'receipts', environment: 'production', max_attempts: 3 }
const stock = { task_name: 'stock.take', queue: 'stock', environment: 'production', max_attempts: 1 }
const paid = { request_id: 'request-1', trace_id: 'trace-1', user_id: 'u1', visitor_id: 'v1' }
const lost = { ...receipt, ...paid, task_id: '7', enqueued_release: 'r1' }

const asked = (time: string, properties: object) =>
  made('api_request', time, { path: '/', method: 'POST', duration_ms: 1, outcome: 'ok', ...properties })

/** What became of each job, the one with the newest attempt last. */
const STORY = [
  asked('00:00:00.000', { ...paid, route: '/checkout/:cart/pay', status_code: 200 }),
  asked('10:00:30.000', { request_id: 'request-2', route: '/orders', status_code: 502 }),
  failed('10:00:00.000', { ...lost, attempt: 1, wait_ms: 12.5, release: 'r1' }),
  failed('10:00:05.000', { ...lost, attempt: 2, release: 'r1', exception_message: 'still no name' }),
  exhausted('10:00:15.000', { ...lost, attempt: 3, release: 'r2', service: 'worker', duration_ms: 40 }),
  done('10:01:00.000', { ...stock, ...paid, task_id: '7', attempt: 1, release: 'r1' }),
  failed('10:01:30.000', { ...receipt, task_id: '8', attempt: 1, user_id: 'u2', release: 'r1' }),
  done('10:02:00.000', { ...receipt, task_id: '8', attempt: 2, user_id: 'u2', release: 'r1' }),
  failed('10:03:00.000', { ...receipt, task_id: '9', attempt: 1, release: 'r2' }),
  // Two attempts in one millisecond, told apart by their number.
  exhausted('10:04:00.000', { ...receipt, task_id: '10', attempt: 2, release: 'r2' }),
  failed('10:04:00.000', { ...receipt, task_id: '10', attempt: 1, release: 'r2' }),
  // The same id once more: in another environment, and in a queue that was emptied.
  done('10:05:00.000', { ...receipt, task_id: '7', attempt: 1, environment: 'staging' }),
  done('10:06:00.000', { ...receipt, task_id: '8', attempt: 1, request_id: 'request-2' }),
  // Known by its failure alone, twice.
  exhausted('10:07:00.000', { task_name: null, task_id: null, queue: 'receipts', reason: 'stalled' }),
  exhausted('10:08:00.000', { task_name: null, task_id: null, queue: 'receipts', reason: 'stalled' }),
  // As the origin tells it: no queue, no attempts.
  made('task_failed', '10:09:00.000', {
    task_name: 'reports.build',
    task_id: 'c0ffee',
    exception_type: 'ValueError',
    exception_message: 'm',
    duration_ms: 5,
  }),
]

beforeAll(async () => {
  collector = await createCollector({ port: 0, data, site: SITE, key: KEY })
  expect((await send(collector.url, STORY)).body).toEqual({ accepted: STORY.length, rejected: [] })
  const elsewhere = done('10:10:00.000', { ...receipt, task_id: '7' }, 'site_2')
  expect((await send(collector.url, elsewhere, otherKey)).status).toBe(202)
})
afterAll(() => collector.close())

type Item = Record<string, unknown>

const WINDOW = 'from=2024-09-01&to=2024-09-02'
const list = (query: string) => ask(`${collector.url}/api/v1/jobs?${query}`)
const items = async (query: string) => (await list(`${WINDOW}&${query}`)).body.items as Item[]
const brief = ({ queue, id, state, attempts }: Item) => `${queue}/${id} ${state} after ${attempts}`

describe('GET /api/v1/jobs', () => {
  it('lists every job once with all its attempts, the one with the newest attempt first', async () => {
    expect((await items(`site=${SITE}`)).map(brief)).toEqual([
      'null/c0ffee failed after 1',
      'receipts/null failed after 1',
      'receipts/null failed after 1',
      'receipts/8 completed after 1',
      'receipts/7 completed after 1',
      'receipts/10 failed after 2',
      'receipts/9 retrying after 1',
      'receipts/8 completed after 2',
      'stock/7 completed after 1',
      'receipts/7 failed after 3',
    ])
  })

  it('says of a job what its attempts say', async () => {
    expect(await items(`site=${SITE}&env=production&user=u1&job=email.receipt`)).toEqual([
      {
        id: '7',
        task_name: 'email.receipt',
        queue: 'receipts',
        state: 'failed',
        final: true,
        attempts: 3,
        max_attempts: 3,
        first_seen: '2024-09-01T10:00:00.000Z',
        last_seen: '2024-09-01T10:00:15.000Z',
        wait_ms: 12.5,
        duration_ms: 40,
        reason: 'exhausted',
        exception_type: 'TypeError',
        exception_message: 'no name',
        release: 'r2',
        enqueued_release: 'r1',
        request_id: 'request-1',
        trace_id: 'trace-1',
        user_id: 'u1',
        visitor_id: 'v1',
        site: SITE,
        environment: 'production',
        service: 'worker',
      },
    ])
  })

  it('says null of what is unknown', async () => {
    const [job] = await items('job=reports.build')
    expect(job).toMatchObject({
      queue: null,
      max_attempts: null,
      wait_ms: null,
      release: null,
      service: null,
    })
    expect(job).toMatchObject({ environment: null, request_id: null, user_id: null, enqueued_release: null })
  })

  it.each([1, 3, 11, 1000])('comes in pages of %i without a gap or a repetition', async limit => {
    const found: string[] = []
    let next: unknown = ''
    while (next !== undefined) {
      const { body } = await list(`${WINDOW}&limit=${limit}&cursor=${next}`)
      expect((body.items as Item[]).length).toBeLessThanOrEqual(limit)
      found.push(...(body.items as Item[]).map(brief))
      next = body.next
    }
    expect(found).toEqual((await items('')).map(brief))
    expect(found).toHaveLength(11)
  })

  const filters: [query: string, jobs: string[]][] = [
    ['site=site_2', ['receipts/7 completed after 1']],
    ['site=nobody', []],
    ['env=staging', ['receipts/7 completed after 1']],
    [
      'job=email.receipt&release=r2',
      ['receipts/10 failed after 2', 'receipts/9 retrying after 1', 'receipts/7 failed after 3'],
    ],
    ['user=u2', ['receipts/8 completed after 2']],
    ['job=stock.take', ['stock/7 completed after 1']],
    ['q=STILL', ['receipts/7 failed after 3']],
    ['status=retrying', ['receipts/9 retrying after 1']],
    ['status=failed&q=receipt', ['receipts/10 failed after 2', 'receipts/7 failed after 3']],
    ['status=completed&user=u1', ['stock/7 completed after 1']],
    ['flow=/checkout/:cart/pay', ['stock/7 completed after 1', 'receipts/7 failed after 3']],
    ['flow=POST%20/checkout/:cart/pay&status=failed', ['receipts/7 failed after 3']],
    ['flow=GET%20/checkout/:cart/pay', []],
    ['flow=/orders', ['receipts/8 completed after 1']],
    ['status=5xx', ['receipts/8 completed after 1']],
    ['status=200&job=email.receipt', ['receipts/7 failed after 3']],
    ['status=404', []],
    ["job=x'%20OR%20'1'='1", []],
  ]
  it.each(filters)('obeys %s', async (query, jobs) => {
    expect((await items(query)).map(brief)).toEqual(jobs)
  })

  it('says what came of all jobs of a name and queue, and which routes caused them', async () => {
    const { body } = await list(`${WINDOW}&site=${SITE}&q=email`)
    expect(body.names).toEqual([
      {
        task_name: 'email.receipt',
        queue: 'receipts',
        done: 3,
        failed: 2,
        retried: 5,
        wait_p95_ms: expect.any(Number),
        run_p95_ms: expect.any(Number),
        caused_by: expect.arrayContaining(['POST /checkout/:cart/pay']),
      },
    ])
  })

  it('knows the attempts of its window, and how many there were by their number', async () => {
    const { body } = await list('from=2024-09-01T10:00:05Z&to=2024-09-01T10:00:15Z')
    expect(body.items).toEqual([
      expect.objectContaining({ id: '7', state: 'retrying', final: false, attempts: 2, wait_ms: null }),
    ])
  })

  it('says how far it can be relied on', async () => {
    const report = made('client_report', '12:00:00.000', {
      dropped: { queue_full: 4 },
      since: '2024-09-01T11:00:00.000Z',
      until: '2024-09-01T12:00:00.000Z',
    })
    await send(collector.url, report)
    const told = async (window: string) => (await list(window)).body
    expect(await told('from=2024-09-01T10:00Z&to=2024-09-01T10:30Z')).toMatchObject({
      complete: true,
      dropped: 0,
      as_of: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
    expect(await told('from=2024-09-01T10:00Z&to=2024-09-01T11:30Z')).toMatchObject({
      complete: false,
      dropped: 4,
    })
  })

  const wrong: [query: string, name: string][] = [
    ['limit=0', 'limit'],
    ['from=never', 'from'],
    ['cursor=AAAA', 'cursor'],
    ['status=broken', 'status'],
    ['status=6xx', 'status'],
  ]
  it.each(wrong)('refuses %s and names it', async (query, name) => {
    const { status, body } = await list(query)
    expect(status).toBe(400)
    expect(body.error).toMatch(new RegExp(`^Expected \`${name}\` to be .*\\.$`))
  })
})
