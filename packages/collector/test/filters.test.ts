import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFilters, type Subject } from '../src/query/filters.js'
import type { Search } from '../src/query/parameters.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import type { Store } from '../src/store/store.js'
import { SITE, storedRow, temporaryFolder } from './helpers.js'

const WINDOW = { from: Date.parse('2024-05-01T00:00Z'), to: Date.parse('2024-05-02T00:00Z') }

const row = (event_id: string, event: string, columns: object, timestamp = '2024-05-01 10:00:00.000') =>
  storedRow(event_id, event, columns, timestamp)

const PAY = { route: '/pay', method: 'POST', status: 500, request_id: 'r1', user_id: 'u1', visitor_id: 'v1' }

/** A payment that failed and the job it enqueued, a page that went well and its job, and something of another site. */
const HISTORY = [
  row('pay', 'api_request', { ...PAY, release: 'b', environment: 'production' }),
  row('pay-error', 'exception', { ...PAY, group_id: 'g1', title: 'TypeError: no <id>', release: 'b' }),
  row(
    'mail-1',
    'task_failed',
    { task_name: 'mail', task_id: '7', request_id: 'r1', group_id: 'g2', user_id: 'u1' },
    '2024-05-01 23:00:00.000',
  ),
  row(
    'mail-2',
    'task_completed',
    { task_name: 'mail', task_id: '7', request_id: 'r1', user_id: 'u1' },
    '2024-05-01 23:01:00.000',
  ),
  row('page', 'pageview', {
    route: '/pay',
    method: 'GET',
    status: 200,
    request_id: 'r2',
    visitor_id: 'v2',
    release: 'a',
  }),
  row('count', 'task_failed', {
    task_name: 'count',
    task_id: '8',
    request_id: 'r2',
    group_id: 'g1',
    final: 1,
  }),
  row('click', 'clicked', { user_id: 'u1' }),
  row('lost', 'pageview', { site: 'site_2', method: 'DELETE', status: 404, request_id: 'r3' }),
  row('other', 'pageview', { site: 'site_2', route: '/pay', method: 'GET', status: 200, request_id: 'r1' }),
]

let store: Store
beforeAll(async () => {
  store = await openEmbeddedStore(temporaryFolder(afterAll), 86_400 * 365 * 30)
  await store.insert('events', HISTORY)
})
afterAll(() => store.close())

const OF: Record<Subject, string> = {
  request: "event IN ('pageview', 'api_request')",
  exception: "event = 'exception'",
  attempt: "event LIKE 'task%'",
  fault: "event IN ('exception', 'task_failed')",
  event: '1',
}

async function found(subject: Subject, query: string): Promise<string[]> {
  const given = new URLSearchParams(query)
  const search: Search = name => given.get(name) ?? undefined
  const { sql, parameters } = readFilters(search, subject, WINDOW)
  const rows = await store.query<{ event_id: string }>(
    `SELECT event_id FROM events WHERE ${OF[subject]} AND ${sql} ORDER BY event_id`,
    parameters,
  )
  return rows.map(({ event_id }) => event_id)
}

describe('a filter has one meaning', () => {
  const cases: [
    query: string,
    requests: string[],
    exceptions: string[],
    attempts: string[],
    else_: string[],
  ][] = [
    ['', ['lost', 'other', 'page', 'pay'], ['pay-error'], ['count', 'mail-1', 'mail-2'], ['click']],
    [`site=${SITE}`, ['page', 'pay'], ['pay-error'], ['count', 'mail-1', 'mail-2'], ['click']],
    ['env=production', ['pay'], [], [], []],
    ['release=b', ['pay'], ['pay-error'], [], []],
    ['user=v1', ['pay'], ['pay-error'], ['mail-1', 'mail-2'], []],
    ['user=u1', ['pay'], ['pay-error'], ['mail-1', 'mail-2'], ['click']],
    ['user=v2', ['page'], [], ['count'], []],
    ['flow=/pay', ['other', 'page', 'pay'], ['pay-error'], ['count', 'mail-1', 'mail-2'], []],
    ['flow=DELETE', ['lost'], [], [], []],
    ['flow=POST /pay', ['pay'], ['pay-error'], ['mail-1', 'mail-2'], []],
    ['group=g1', ['pay'], ['pay-error'], ['count'], []],
    ['group=g2', [], [], ['mail-1'], []],
    ['job=mail', ['pay'], ['pay-error'], ['mail-1', 'mail-2'], []],
    ['job=8', ['page'], [], ['count'], []],
    ['status=5xx', ['pay'], ['pay-error'], ['mail-1', 'mail-2'], []],
    ['status=200', ['other', 'page'], [], ['count'], []],
    ['status=retrying', [], [], ['mail-1'], []],
    ['status=failed', [], [], ['count'], []],
    ['q=<ID', [], ['pay-error'], [], []],
    ['q=r2', ['page'], [], ['count'], []],
    ['group=g1&user=u1&status=500', ['pay'], ['pay-error'], [], []],
    ["user=u1' OR 1", [], [], [], []],
  ]
  it.each(cases)('%s', async (query, requests, exceptions, attempts, others) => {
    expect(await found('request', query)).toEqual(requests)
    expect(await found('exception', query)).toEqual(exceptions)
    expect(await found('attempt', query)).toEqual(attempts)
    const failed = attempts.filter(id => id !== 'mail-2')
    expect(await found('fault', query)).toEqual([...exceptions, ...failed].sort())
    const all = [...requests, ...exceptions, ...attempts, ...others].sort()
    expect(await found('event', query)).toEqual(all)
  })
})
