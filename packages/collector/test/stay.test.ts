import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFilters, type Subject } from '../src/query/filters.js'
import { openEmbeddedStore } from '../src/store/chdb.js'
import { moment } from '../src/store/schema.js'
import type { Store } from '../src/store/store.js'
import { storedRow, temporaryFolder } from './helpers.js'

const TEN = Date.parse('2024-05-01T10:00:00Z')
const HOUR = 3_600_000
const MINUTE = 60_000
const WINDOW = { from: TEN, to: TEN + HOUR }

function row(event_id: string, event: string, at: number, columns: object): string {
  return storedRow(event_id, event, columns, moment(at))
}

function opened(at: number, route: string, who: object): string {
  return row(`${route} ${at}`, 'pageview', at, { method: 'GET', route, status: 200, navigation: 1, ...who })
}

const ANN = { visitor_id: 'ann' }
const BEN = { user_id: 'u_ben', visitor_id: 'ben' }
const CAT = { visitor_id: 'cat' }
const DAN = { visitor_id: 'dan' }

/** The calls, by whom and when they were made; each is named by its request id. */
const CALLS: [id: string, at: number, who: object, isOfCart: boolean][] = [
  ['before the page', TEN - 1, ANN, false],
  ['with the page', TEN, ANN, true],
  ['after it', TEN + MINUTE, ANN, true],
  ['from the next page', TEN + 3 * MINUTE, ANN, false],
  ['back on the page', TEN + 5 * MINUTE, ANN, true],
  ['just within a stay', TEN + 35 * MINUTE - 1, ANN, true],
  ['after half an hour', TEN + 35 * MINUTE, ANN, false],
  ['by somebody else', TEN + MINUTE, DAN, false],
  ['from a page of before the window', TEN + 9 * MINUTE, BEN, true],
  ['of another site', TEN + MINUTE, { ...CAT, site: 'site_2' }, false],
  ['by nobody known', TEN + MINUTE, {}, false],
]

const HISTORY = [
  opened(TEN, '/cart', ANN),
  opened(TEN + 2 * MINUTE, '/help', ANN),
  opened(TEN + 4 * MINUTE, '/cart', ANN),
  opened(TEN + 5 * MINUTE, '/cart', ANN),
  opened(TEN - 20 * MINUTE, '/cart', BEN),
  opened(TEN, '/cart', CAT),
  opened(TEN, '/cart', {}),
  ...CALLS.flatMap(([request_id, at, who]) => [
    row(`${request_id}: call`, 'api_request', at, {
      method: 'GET',
      route: '/api',
      status: 500,
      request_id,
      ...who,
    }),
    row(`${request_id}: error`, 'exception', at, { route: '/api', request_id, ...who }),
    row(`${request_id}: job`, 'task_failed', at + 1, { task_name: 'mail', request_id, ...who }),
  ]),
]

let store: Store
beforeAll(async () => {
  store = await openEmbeddedStore(temporaryFolder(afterAll), 86_400 * 365 * 30)
  await store.insert('events', HISTORY)
})
afterAll(() => store.close())

async function found(subject: Subject, event: string): Promise<string[]> {
  const { sql, parameters } = readFilters(name => (name === 'flow' ? '/cart' : undefined), subject, WINDOW)
  const rows = await store.query<{ request_id: string }>(
    `SELECT request_id FROM events WHERE event = '${event}' AND ${sql}`,
    parameters,
  )
  return rows.map(({ request_id }) => request_id).sort()
}

describe('a page has what was called from it: by whom it was opened, until they open another, for half an hour', () => {
  const expected = CALLS.filter(([, , , isOfCart]) => isOfCart)
    .map(([id]) => id)
    .sort()
  it.each<[what: string, subject: Subject, event: string]>([
    ['calls', 'request', 'api_request'],
    ['calls, among all events', 'event', 'api_request'],
    ['their errors', 'exception', 'exception'],
    ['their errors, among faults', 'fault', 'exception'],
    ['the jobs that they enqueued', 'attempt', 'task_failed'],
    ['those jobs, among all events', 'event', 'task_failed'],
  ])('%s', async (_, subject, event) => {
    expect(await found(subject, event)).toEqual(expected)
  })
})
