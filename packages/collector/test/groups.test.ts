import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { ask, KEY, SITE, send, temporaryFolder, until } from './helpers.js'
import { exhausted, made } from './made-jobs.js'

type Item = Record<string, unknown>

let collector: Collector

const stack = (...frames: string[]) => ['Error', ...frames.map(frame => `    at ${frame}`)].join('\n')

function thrown(time: string, properties: object) {
  return made('exception', time, {
    path: '/checkout/7/pay',
    method: 'POST',
    route: '/checkout/:cart/pay',
    exception_type: 'TypeError',
    exception_message: "Cannot read properties of undefined (reading 'id')",
    traceback: stack('computeTotal (/app/src/cart.ts:12:5)', 'async pay (/app/src/checkout.ts:3:1)'),
    duration_ms: 3,
    mechanism: 'request',
    handled: true,
    environment: 'production',
    ...properties,
  })
}

const plain = (what: string, more: object = {}) => ({
  exception_type: 'Error',
  exception_message: what,
  traceback: stack('load (/app/src/stock.ts:1:1)'),
  route: '/stock',
  method: 'GET',
  ...more,
})

const STORY = [
  made('api_request', '08:00:00.000', {
    path: '/',
    method: 'GET',
    status_code: 200,
    duration_ms: 1,
    outcome: 'ok',
    release: 'r1',
    route: '/',
    visitor_id: 'v7',
    request_id: 'request-7',
  }),
  thrown('09:00:00.000', plain('Warehouse 1 is closed', { release: 'r1', user_id: 'u9' })),
  ...Array.from({ length: 4 }, (_, i) =>
    thrown(`10:0${i}:00.000`, {
      release: 'r2',
      user_id: `u${i % 2}`,
      exception_message: `Cannot read properties of ${i % 2 ? 'null' : 'undefined'} (reading 'id')`,
      request_id: `request-${i}`,
    }),
  ),
  thrown('10:04:00.000', {
    release: 'r2',
    visitor_id: 'v1',
    route: '/checkout/:cart/quote',
    method: 'GET',
    repeated: 5,
  }),
  thrown('10:30:00.000', plain('Warehouse 2 is closed', { release: 'r2', user_id: 'u1' })),
  thrown(
    '10:31:00.000',
    plain('Warehouse is full', { release: 'r2', user_id: 'u1', environment: 'staging' }),
  ),
  exhausted('10:40:00.000', {
    task_name: 'email.receipt',
    task_id: '7',
    user_id: 'u1',
    request_id: 'request-7',
    exception_message: "Cannot read properties of undefined (reading 'name')",
    traceback: `${stack('render (/app/src/mail.ts:9:9)', 'Module._compile (node:internal:1:1)')}\nCaused by: RangeError: no row\n    at row (/app/node_modules/db/x.js:1:1)`,
    causes: [
      {
        exception_type: 'RangeError',
        exception_message: 'no row',
        traceback: stack('row (/app/node_modules/db/x.js:1:1)'),
      },
    ],
    environment: 'production',
    release: 'r2',
  }),
]

beforeAll(async () => {
  collector = await createCollector({ port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY })
  expect((await send(collector.url, STORY)).body).toEqual({ accepted: STORY.length, rejected: [] })
})
afterAll(() => collector.close())

const DAY = 'from=2024-09-01&to=2024-09-02'
const get = (path: string) => ask(`${collector.url}/api/v1/${path}`)
const groups = async (query = '') => (await get(`groups?${DAY}&${query}`)).body.items as Item[]
const titles = async (query: string) => (await groups(query)).map(({ title }) => title)

const TOTAL = "TypeError: Cannot read properties of undefined (reading 'id')"
const RENDER = "TypeError: Cannot read properties of undefined (reading 'name')"
const CLOSED = 'Error: Warehouse <n> is closed'
const FULL = 'Error: Warehouse is full'

const idOf = async (title: string): Promise<string> => {
  const found = (await groups()).find(group => group.title === title)
  if (!found) throw new Error(`there is no group ${title}`)
  return String(found.id)
}
const act = (id: string, body: object, headers: Record<string, string> = {}) =>
  ask(`${collector.url}/api/v1/groups/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('GET /api/v1/groups', () => {
  it('lists each error once, the most frequent first, what a client counted included', async () => {
    const listed = (await groups()).map(({ title, count }) => `${count} ${title}`)
    expect(listed.slice(0, 2)).toEqual([`10 ${TOTAL}`, `2 ${CLOSED}`])
    expect(listed.slice(2).sort()).toEqual([`1 ${FULL}`, `1 ${RENDER}`])
  })

  it('says of a group what its errors say', async () => {
    const [first] = await groups()
    expect(first).toEqual({
      id: expect.stringMatching(/^g2_[0-9a-f]{16}$/),
      site: SITE,
      title: TOTAL,
      exception_type: 'TypeError',
      culprit: 'computeTotal (cart.ts)',
      count: 10,
      users: 3,
      flows: ['POST /checkout/:cart/pay', 'GET /checkout/:cart/quote'],
      sparkline: Array.from({ length: 24 }, (_, hour) => (hour === 10 ? 10 : 0)),
      first_seen: '2024-09-01T10:00:00.000Z',
      last_seen: '2024-09-01T10:04:00.000Z',
      first_release: 'r2',
      last_release: 'r2',
      badge: 'NEW',
      status: 'open',
      muted_until: null,
      why: ['type: TypeError', 'engine: reading id', 'frame: computeTotal (cart)'],
      merged: [],
    })
  })

  it.each([
    ['release=r1', [CLOSED]],
    ['user=v1', [TOTAL]],
    ['flow=POST /checkout/:cart/pay', [TOTAL]],
    ['env=staging', [FULL]],
    ['job=email.receipt', [RENDER]],
    // The job that the page's request enqueued failed.
    ['flow=GET /', [RENDER]],
    ['status=200', [RENDER]],
    ['user=v7', [RENDER]],
    ['q=warehouse 2', [CLOSED]],
    ['site=elsewhere', []],
  ])('obeys %s', async (query, expected) => {
    expect(await titles(query)).toEqual(expected)
  })

  it('obeys the group filter', async () => {
    expect(await titles(`group=${await idOf(CLOSED)}`)).toEqual([CLOSED])
  })

  it('is read in pieces', async () => {
    const all = await groups()
    const first = (await get(`groups?${DAY}&limit=3`)).body
    const rest = (await get(`groups?${DAY}&limit=3&cursor=${first.next}`)).body
    expect([...(first.items as Item[]), ...(rest.items as Item[])]).toEqual(all)
    expect(rest.next).toBeUndefined()
  })

  it('marks what is new in the window, and what grew', async () => {
    const later = (await get('groups?from=2024-09-01T10:00:00Z&to=2024-09-01T11:00:00Z')).body.items as Item[]
    expect(later.find(({ title }) => title === CLOSED)?.badge).toBeNull()
    const grown = (await get('groups?from=2024-09-01T10:04:00Z&to=2024-09-01T10:05:00Z')).body.items as Item[]
    expect(grown.map(({ title, count, badge }) => [title, count, badge])).toEqual([[TOTAL, 6, null]])
  })

  it('takes the time before the first event, of an environment or a release, for unknown and not for quiet', async () => {
    const hit = (minute: number, what: string) => ({
      ...thrown('', plain(what, { release: minute < 60 ? 'y1' : 'y2', environment: 'young' })),
      timestamp: new Date(Date.UTC(2024, 8, 3, 0, minute)).toISOString(),
    })
    const steady = Array.from({ length: 30 }, (_, i) => hit(10 * i, 'Shelf is dusty'))
    const grown = [30, ...Array.from({ length: 20 }, (_, i) => 60 + 10 * i)].map(at => hit(at, 'Shelf broke'))
    expect((await send(collector.url, [...steady, ...grown])).body).toMatchObject({ accepted: 51 })
    const badges = async (more: string) => {
      const { body } = await get(`groups?from=2024-09-03T01:00Z&to=2024-09-03T05:00Z&env=young${more}`)
      return (body.items as Item[]).map(({ title, badge }) => [title, badge])
    }
    expect(await badges('')).toEqual([
      ['Error: Shelf is dusty', null],
      ['Error: Shelf broke', 'GROWN'],
    ])
    expect(await badges('&release=y2')).toEqual([
      ['Error: Shelf is dusty', null],
      ['Error: Shelf broke', null],
    ])
  })

  it('says how far it can be relied on', async () => {
    expect((await get(`groups?${DAY}`)).body).toMatchObject({
      complete: true,
      dropped: 0,
      as_of: expect.any(String),
    })
  })
})

describe('GET /api/v1/groups/:id', () => {
  it('tells where, when and to whom it happened', async () => {
    const { body } = await get(`groups/${await idOf(TOTAL)}?${DAY}`)
    expect(body).toMatchObject({
      group: { title: TOTAL, count: 10 },
      causes: [],
      releases: [
        {
          release: 'r2',
          count: 10,
          first_seen: '2024-09-01T10:00:00.000Z',
          last_seen: '2024-09-01T10:04:00.000Z',
        },
      ],
      worst_hit: [
        { user: 'v1', count: 6, last_seen: '2024-09-01T10:04:00.000Z' },
        { user: 'u0', count: 2 },
        { user: 'u1', count: 2 },
      ],
      acts: [],
      complete: true,
    })
  })

  it('has its errors as they were sent, the newest first, with their frames taken apart', async () => {
    const { body } = await get(`groups/${await idOf(RENDER)}?${DAY}`)
    const { items } = body.occurrences as { items: Item[] }
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ event: { event_id: STORY.at(-1)?.event_id } })
    expect(items[0]?.frames).toEqual([
      { function: 'render', file: '/app/src/mail.ts', line: 9, column: 9, own: true },
      { function: 'Module._compile', file: 'node:internal', line: 1, column: 1, own: false },
    ])
    expect(items[0]?.causes).toEqual([
      {
        exception_type: 'RangeError',
        exception_message: 'no row',
        frames: [{ function: 'row', file: '/app/node_modules/db/x.js', line: 1, column: 1, own: false }],
      },
    ])
    expect(body.causes).toEqual([{ exception_type: 'RangeError', exception_message: 'no row' }])
  })

  it('has them in pieces', async () => {
    const id = await idOf(TOTAL)
    const seen: unknown[] = []
    let next: unknown = ''
    while (next !== undefined) {
      const { occurrences } = (await get(`groups/${id}?${DAY}&limit=2&cursor=${next}`)).body as {
        occurrences: { items: { event: Item }[]; next?: string }
      }
      seen.push(...occurrences.items.map(({ event }) => event.timestamp))
      next = occurrences.next
    }
    expect(seen).toEqual(
      ['10:04', '10:03', '10:02', '10:01', '10:00'].map(time => `2024-09-01T${time}:00.000Z`),
    )
  })

  it('is known outside of its window, too', async () => {
    const { status, body } = await get(`groups/${await idOf(TOTAL)}?from=2024-10-01&to=2024-10-02`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      group: { title: TOTAL, count: 0, last_seen: '2024-09-01T10:04:00.000Z' },
      occurrences: { items: [] },
    })
  })

  it('is 404 for what is not known', async () => {
    expect((await get('groups/g2_0000000000000000')).status).toBe(404)
  })
})

describe('acts', () => {
  const badge = async (title: string) => (await groups()).find(group => group.title === title)?.badge
  const status = async (title: string) => (await groups()).find(group => group.title === title)?.status
  const actsOf = async (id: string) =>
    ((await get(`groups/${id}?${DAY}`)).body.acts as Item[]).map(
      each => `${each.act}${each.undone ? ' undone' : ''}`,
    )

  it('mute and undo', async () => {
    const id = await idOf(CLOSED)
    const before = await badge(CLOSED)
    const { status: answered, body } = await act(id, { act: 'mute', until: '2099-01-01T00:00:00Z' })
    expect([answered, body]).toEqual([
      200,
      {
        group: id,
        act: {
          id: expect.any(String),
          at: expect.any(String),
          act: 'mute',
          groups: [id],
          target: null,
          until: '2099-01-01T00:00:00.000Z',
          undone: false,
        },
      },
    ])
    expect([await badge(CLOSED), await status(CLOSED)]).toEqual(['MUTED', 'muted'])
    await act(id, { act: 'undo' })
    expect([await badge(CLOSED), await status(CLOSED)]).toEqual([before, 'open'])
    expect(await actsOf(id)).toEqual(['undo', 'mute undone'])
    expect((await act(id, { act: 'undo' })).status).toBe(409)
  })

  it('a mute ends', async () => {
    const id = await idOf(CLOSED)
    const end = new Date(Date.now() + 1000).toISOString()
    expect((await act(id, { act: 'mute', until: end })).status).toBe(200)
    await until(async () => (await status(CLOSED)) === 'open')
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(end))
    await act(id, { act: 'undo' })
  })

  it('resolve: it is regressed once it comes again in a release that is newer, and not before', async () => {
    const id = await idOf(CLOSED)
    await act(id, { act: 'resolve' })
    expect([await badge(CLOSED), await status(CLOSED)]).toEqual(['NEW', 'resolved'])
    const now = () => new Date().toISOString()
    await send(collector.url, {
      ...thrown('0', plain('Warehouse 3 is closed', { release: 'r2' })),
      timestamp: now(),
    })
    expect(await status(CLOSED)).toBe('resolved')
    await send(collector.url, {
      ...thrown('0', plain('Warehouse 3 is closed', { release: 'r3' })),
      timestamp: now(),
    })
    expect([await badge(CLOSED), await status(CLOSED)]).toEqual(['REGRESSED', 'open'])
    await act(id, { act: 'reopen' })
    expect([await badge(CLOSED), await status(CLOSED)]).toEqual(['NEW', 'open'])
  })

  it('merge: both are one in every answer, until undone', async () => {
    const [closed, full, render] = [await idOf(CLOSED), await idOf(FULL), await idOf(RENDER)]
    expect((await act(full, { act: 'merge', into: closed })).body).toMatchObject({
      group: closed,
      act: { act: 'merge', groups: [full], target: closed },
    })
    const merged = (await groups()).find(({ id }) => id === closed)
    expect(merged).toMatchObject({ title: CLOSED, count: 3, merged: [full], last_seen: expect.any(String) })
    expect(await titles('env=staging')).toEqual([CLOSED])
    expect((await get(`groups/${full}?${DAY}`)).body).toMatchObject({ group: { id: closed, count: 3 } })
    expect(await titles(`group=${full}`)).toEqual([CLOSED])
    // What was merged goes along.
    await act(closed, { act: 'merge', into: render })
    expect((await groups()).find(({ id }) => id === render)).toMatchObject({ count: 4, title: RENDER })
    await act(render, { act: 'undo' })
    expect((await groups()).find(({ id }) => id === closed)).toMatchObject({ count: 3, merged: [full] })
    await act(closed, { act: 'undo' })
    expect(await titles('env=staging')).toEqual([FULL])
  })

  it('merge: a request tells the group that its exception is in now', async () => {
    const [total, render] = [await idOf(TOTAL), await idOf(RENDER)]
    await act(total, { act: 'merge', into: render })
    const request = (await get(`requests/request-0?${DAY}`)).body
    expect(request.frames).toMatchObject([{ group: render, frames: [{ function: 'computeTotal' }, {}] }])
    await act(render, { act: 'undo' })
  })

  it('split: what was merged comes out again, alone or all of it', async () => {
    const [closed, full, render] = [await idOf(CLOSED), await idOf(FULL), await idOf(RENDER)]
    await act(full, { act: 'merge', into: closed })
    await act(render, { act: 'merge', into: closed })
    await act(full, { act: 'split' })
    expect((await groups()).find(({ id }) => id === closed)?.merged).toEqual([render])
    await act(closed, { act: 'split' })
    expect((await groups()).map(({ merged }) => merged)).toEqual([[], [], [], []])
    await act(closed, { act: 'undo' })
    expect((await groups()).find(({ id }) => id === closed)?.merged).toEqual([render])
    await act(closed, { act: 'split' })
    expect((await act(closed, { act: 'split' })).status).toBe(409)
  })

  it('split by flow: each is a group of its own, until undone', async () => {
    const whole = await idOf(TOTAL)
    const { body } = await act(whole, { act: 'split', by: 'flow' })
    expect(body).toMatchObject({ group: whole, act: { act: 'split', groups: [whole] } })
    const pieces = (await groups()).filter(({ id }) => String(id).startsWith(`${whole}-`))
    expect(pieces).toMatchObject([
      { count: 6, flows: ['GET /checkout/:cart/quote'] },
      { count: 4, flows: ['POST /checkout/:cart/pay'] },
    ])
    const [quote, pay] = pieces.map(({ id }) => String(id)) as [string, string]
    expect(pieces[1]?.why).toContain('flow: POST /checkout/:cart/pay')
    expect((await groups(`group=${pay}`)).map(({ count }) => count)).toEqual([4])
    expect((await groups(`group=${whole}`)).map(({ count }) => count)).toEqual([6, 4])
    expect((await get(`groups/${pay}?${DAY}`)).body).toMatchObject({ group: { id: pay, count: 4 } })
    expect((await get(`groups/${whole}?${DAY}`)).body).toMatchObject({ group: { id: quote, count: 6 } })
    await act(pay, { act: 'resolve' })
    expect((await groups()).map(({ id, status }) => [id, status])).toContainEqual([pay, 'resolved'])
    expect((await groups()).map(({ id, status }) => [id, status])).toContainEqual([quote, 'open'])
    expect((await act(pay, { act: 'split', by: 'flow' })).status).toBe(409)
    expect((await act(whole, { act: 'split', by: 'flow' })).status).toBe(409)
    await act(pay, { act: 'undo' })
    await act(pay, { act: 'undo' })
    expect((await groups()).find(({ title }) => title === TOTAL)).toMatchObject({ id: whole, count: 10 })
  })

  it.each<[string, number, object, Record<string, string>]>([
    ['an unknown act', 400, { act: 'delete' }, {}],
    ['a moment that is none', 400, { act: 'mute', until: 'soon' }, {}],
    ['a moment that is over', 400, { act: 'mute', until: '2001-01-01T00:00:00Z' }, {}],
    ['a split by what is none', 400, { act: 'split', by: 'mood' }, {}],
    ['no target', 400, { act: 'merge' }, {}],
    ['an unknown target', 404, { act: 'merge', into: 'g2_0000000000000000' }, {}],
    ["a form's content type", 415, { act: 'resolve' }, { 'content-type': 'text/plain' }],
    ['another site', 403, { act: 'resolve' }, { 'sec-fetch-site': 'cross-site' }],
    ['another origin', 403, { act: 'resolve' }, { origin: 'https://evil.example' }],
    ['an origin that is none', 403, { act: 'resolve' }, { origin: 'null' }],
  ])('refuse %s with %i', async (_, refused, body, headers) => {
    expect((await act(await idOf(TOTAL), body, headers)).status).toBe(refused)
    expect(await status(TOTAL)).toBe('open')
  })

  it('refuse with 409 what is so already, so that one undo takes back a double click', async () => {
    const id = await idOf(TOTAL)
    const later = '2099-01-01T00:00:00Z'
    const refused = async (body: object) => (await act(id, body)).status === 409
    expect(await refused({ act: 'reopen' })).toBe(true)
    expect(await refused({ act: 'resolve' })).toBe(false)
    expect(await refused({ act: 'resolve' })).toBe(true)
    expect(await refused({ act: 'mute', until: later })).toBe(false)
    expect(await refused({ act: 'mute', until: later })).toBe(true)
    expect(await refused({ act: 'mute' })).toBe(false)
    expect(await refused({ act: 'reopen' })).toBe(false)
    expect(await refused({ act: 'reopen' })).toBe(true)
    for (let n = 0; n < 4; n++) await act(id, { act: 'undo' })
    expect(await status(TOTAL)).toBe('open')
  })

  it('refuse to merge a group into itself', async () => {
    const id = await idOf(TOTAL)
    expect((await act(id, { act: 'merge', into: id })).status).toBe(409)
  })

  it('are taken from the page itself', async () => {
    const id = await idOf(TOTAL)
    expect(
      (await act(id, { act: 'resolve' }, { origin: collector.url, 'sec-fetch-site': 'same-origin' })).status,
    ).toBe(200)
    expect((await act(id, { act: 'undo' }, { origin: collector.url })).status).toBe(200)
  })
})
