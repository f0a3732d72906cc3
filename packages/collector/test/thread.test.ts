import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { ask, KEY, makeEvent, SITE, send, temporaryFolder } from './helpers.js'
import { done, exhausted, failed, made } from './made-jobs.js'

let collector: Collector

const HOSTILE = [
  'a/b',
  '../../etc/passwd',
  '100%',
  '%2F',
  '%',
  'a?b#c',
  'a b+c',
  "'; DROP TABLE events --",
  '{id:String}',
  '\\',
  '<script>alert(1)</script>',
  'zeile\nzeile\t\0',
  '😀',
  '__proto__',
  'repeat:5f4dcc3b5aa765d61d8327deb882cf99:1725184800000',
]
/** The same texts as ids of requests, so that no other filter than the id tells them apart. */
const STRANGE = HOSTILE.map((id, n) =>
  done('11:00:00.000', { task_name: 'strange', task_id: id, queue: 'strange', request_id: id, attempt: n }),
)

const paid = { request_id: 'request-1', trace_id: 'trace-1', user_id: 'u1' }
const receipt = {
  task_name: 'email.receipt',
  task_id: '7',
  queue: 'receipts',
  environment: 'production',
  max_attempts: 3,
  enqueued_release: 'r1',
  ...paid,
}
const stock = { task_name: 'stock.take', task_id: '7', queue: 'stock', environment: 'production', ...paid }

const CAUSES = [{ exception_type: 'Error', exception_message: 'deep', traceback: 'Error: deep\n    at low' }]
const PAY = makeEvent(
  { ...paid, path: '/checkout/1/pay', method: 'POST', environment: 'production', release: 'r1' },
  { event: 'api_request', timestamp: '2024-09-01T09:59:59.000Z' },
)
const THROWN = made('exception', '09:59:59.100', {
  exception_type: 'MailError',
  exception_message: 'm',
  traceback: 't',
  mechanism: 'manual',
  ...paid,
})
const REPORTED = made('exception', '10:00:05.500', {
  exception_type: 'Odd',
  exception_message: 'm',
  traceback: 't',
  mechanism: 'manual',
  task_id: '7',
  ...paid,
})
const CUSTOM = made('order_placed', '09:59:59.200', { total: 12, ...paid })
const ATTEMPTS = [
  failed('10:00:00.000', {
    ...receipt,
    attempt: 1,
    wait_ms: 12.5,
    release: 'r1',
    host: 'one',
    causes: CAUSES,
  }),
  failed('10:00:05.000', {
    ...receipt,
    attempt: 2,
    release: 'r1',
    exception_type: 'RangeError',
    code: 'E_2',
  }),
  exhausted('10:00:15.000', { ...receipt, attempt: 3, release: 'r2', syscall: 'connect' }),
]
const TAKEN = done('10:01:00.000', { ...stock, attempt: 1, reason: { custom: true }, traceback: 7 })
const UNCAUSED = done('10:02:00.000', { task_name: 'tidy', task_id: 'tidy-1', queue: 'tidy' })
/** Its request was left out by a sample. */
const UNSAMPLED = done('10:03:00.000', {
  task_name: 'tidy',
  task_id: 'tidy-2',
  queue: 'tidy',
  request_id: 'request-3',
})

beforeAll(async () => {
  collector = await createCollector({ port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY })
  // As they may arrive: the last first.
  const events = [PAY, THROWN, REPORTED, CUSTOM, ...ATTEMPTS, TAKEN, UNCAUSED, UNSAMPLED, ...STRANGE]
  const { body } = await send(collector.url, events.reverse())
  expect(body).toEqual({ accepted: events.length, rejected: [] })
})
afterAll(() => collector.close())

type Item = Record<string, unknown>

const job = (id: string, query = '') => ask(`${collector.url}/api/v1/jobs/${encodeURIComponent(id)}?${query}`)
const request = (id: string, query = '') =>
  ask(`${collector.url}/api/v1/requests/${encodeURIComponent(id)}?${query}`)

describe('GET /api/v1/jobs/:id', () => {
  it('tells each attempt with its own traceback and causes, the oldest first', async () => {
    const { status, body } = await job('7', 'queue=receipts')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: '7',
      queue: 'receipts',
      state: 'failed',
      final: true,
      wait_ms: 12.5,
      release: 'r2',
      enqueued_release: 'r1',
      user_id: 'u1',
      request_id: 'request-1',
      ambiguous: false,
      others: [],
      truncated: false,
      complete: true,
      dropped: 0,
      as_of: expect.any(String),
    })
    const common = { state: 'failed', final: false, reason: 'error', duration_ms: 30.25, wait_ms: null }
    const error = { exception_type: 'TypeError', exception_message: 'no name', causes: [], code: null }
    expect(body.attempts).toEqual([
      {
        ...common,
        ...error,
        event_id: ATTEMPTS[0]?.event_id,
        attempt: 1,
        timestamp: '2024-09-01T10:00:00.000Z',
        wait_ms: 12.5,
        traceback: 'TypeError at 10:00:00.000',
        causes: CAUSES,
        syscall: null,
        release: 'r1',
        host: 'one',
      },
      {
        ...common,
        ...error,
        event_id: ATTEMPTS[1]?.event_id,
        attempt: 2,
        timestamp: '2024-09-01T10:00:05.000Z',
        exception_type: 'RangeError',
        traceback: 'TypeError at 10:00:05.000',
        code: 'E_2',
        syscall: null,
        release: 'r1',
        host: null,
      },
      {
        ...common,
        ...error,
        event_id: ATTEMPTS[2]?.event_id,
        attempt: 3,
        timestamp: '2024-09-01T10:00:15.000Z',
        final: true,
        reason: 'exhausted',
        traceback: 'TypeError at 10:00:15.000',
        syscall: 'connect',
        release: 'r2',
        host: null,
      },
    ])
  })

  it('shows the request that enqueued it, as it was sent', async () => {
    expect((await job('7', 'queue=receipts')).body.request).toEqual(PAY)
    expect((await job('tidy-1')).body).toMatchObject({ request_id: null, request: null })
    expect((await job('tidy-2')).body).toMatchObject({ request_id: 'request-3', request: null })
  })

  it('says that an id is not one job’s alone, and shows them all, the newest first', async () => {
    const { body } = await job('7')
    expect(body).toMatchObject({ queue: 'stock', ambiguous: true, request: PAY })
    expect(body.others).toEqual([expect.objectContaining({ queue: 'receipts', request: PAY })])
    expect((body.others as Item[])[0]?.attempts).toHaveLength(3)
  })

  it('takes a property of the application’s own for no failure of an attempt that went well', async () => {
    const { attempts } = (await job('7', 'queue=stock')).body
    expect(attempts).toEqual([
      expect.objectContaining({
        state: 'completed',
        final: false,
        reason: null,
        traceback: null,
        causes: [],
      }),
    ])
  })

  it('finds a job whatever the window of the page', async () => {
    expect((await job('7', 'queue=receipts&from=2024-01-01&to=2024-01-02')).body.attempts).toHaveLength(3)
  })

  it.each(HOSTILE)('finds the job %j and no other', async id => {
    const { status, body } = await job(id)
    expect(status).toBe(200)
    expect(body).toMatchObject({ id, task_name: 'strange', ambiguous: false })
  })

  const unknown: [id: string, query: string][] = [
    ['6', ''],
    ['7', 'queue=nothing'],
    ['7', 'env=staging'],
    ['7', 'site=site_2'],
    ['7%', ''],
    ['x'.repeat(3000), ''],
  ]
  it.each(unknown)('answers 404 to %s with %j', async (id, query) => {
    const { status, body } = await job(id, query)
    expect(status).toBe(404)
    expect(body).toEqual({ error: expect.stringMatching(/^Nothing is stored of a job ".*"\.$/) })
  })
})

describe('GET /api/v1/requests/:id', () => {
  it('shows the request, its exceptions, its custom events and its jobs with their attempts', async () => {
    const { status, body } = await request('request-1')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      request: PAY,
      exceptions: [THROWN, REPORTED],
      events: [CUSTOM],
      truncated: false,
      complete: true,
      dropped: 0,
      as_of: expect.any(String),
    })
    expect(body.jobs).toEqual([
      expect.objectContaining({ id: '7', queue: 'stock', state: 'completed' }),
      expect.objectContaining({ id: '7', queue: 'receipts', state: 'failed' }),
    ])
    expect(
      (body.jobs as { attempts: Item[] }[]).map(({ attempts }) => attempts.map(a => a.traceback)),
    ).toEqual([[null], ATTEMPTS.map(({ properties }) => properties.traceback)])
  })

  it('shows what a request left behind that was not stored itself', async () => {
    expect((await request('request-3')).body).toMatchObject({
      request: null,
      exceptions: [],
      events: [],
      jobs: [{ id: 'tidy-2' }],
    })
  })

  it('is found whatever the window of the page', async () => {
    expect((await request('request-1', 'from=2024-01-01&to=2024-01-02')).status).toBe(200)
  })

  it.each(HOSTILE)('finds the request %j and no other', async id => {
    const { body } = await request(id)
    expect(body.jobs).toEqual([expect.objectContaining({ id, request_id: id })])
  })

  it('counts what clients lost since then', async () => {
    const report = {
      dropped: { queue_full: 3 },
      since: '2024-09-01T13:00:00Z',
      until: '2024-09-01T13:01:00Z',
    }
    await send(collector.url, made('client_report', '13:01:00.000', report))
    expect((await request('request-1')).body).toMatchObject({ complete: false, dropped: 3 })
    expect((await job('7')).body).toMatchObject({ complete: false, dropped: 3 })
  })

  const unknown: [id: string, query: string][] = [
    ['request-2', ''],
    ['request-1', 'site=site_2'],
    ['request-1', 'env=staging'],
    ['REQUEST-1', ''],
  ]
  it.each(unknown)('answers 404 to %s with %j', async (id, query) => {
    const { status, body } = await request(id, query)
    expect(status).toBe(404)
    expect(body).toEqual({ error: expect.stringMatching(/^Nothing is stored of a request ".*"\.$/) })
  })
})

it.each(['jobs', 'jobs/7', 'requests/request-1'])('/api/v1/%s takes no POST', async path => {
  const { status, headers } = await ask(`${collector.url}/api/v1/${path}`, { method: 'POST' })
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

it.each(['groups/g', 'releases'])('/api/v1/%s says what it takes', async path => {
  const { status, headers, body } = await ask(`${collector.url}/api/v1/${path}`, { method: 'DELETE' })
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  expect(body.error).toBe('Expected the method to be GET or HEAD or POST.')
})
