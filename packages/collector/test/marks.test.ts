import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { type Arrival, placeMarks } from '../src/query/marks.js'
import { ask, KEY, makeEvent, SITE, send, temporaryFolder } from './helpers.js'

let collector: Collector
const options = { port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY }

beforeAll(async () => {
  collector = await createCollector(options)
})
afterAll(() => collector.close())

/** A request of a release at a minute of a day. */
const seen = (day: string, release: string, ...times: string[]) =>
  times.map(time => makeEvent({ release, environment: 'production' }, { timestamp: `${day}T${time}Z` }))

const marks = async (day: string, query = '') => {
  const { body } = await ask(`${collector.url}/api/v1/series?from=${day}T00:00Z&to=${day}T23:59:59Z&${query}`)
  return (body.marks as { at: string; release: string }[]).map(({ at, release }) => [
    at.slice(11, 19),
    release,
  ])
}

const announce = (body: unknown, key: string = KEY) =>
  ask(`${collector.url}/api/v1/releases`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('marks of what was seen', () => {
  it('stand at the first event of each release, in whatever order it comes', async () => {
    await send(collector.url, seen('2024-06-01', 'a', '10:00:05', '10:00:01', '10:00:40'))
    await send(collector.url, seen('2024-06-01', 'b', '10:30:00', '10:30:20'))
    await send(collector.url, seen('2024-06-01', 'b', '10:29:59.5'))
    expect(await marks('2024-06-01')).toEqual([
      ['10:00:01', 'a'],
      ['10:29:59', 'b'],
    ])
  })

  it('open a new interval where a release returns: a rollback', async () => {
    await send(collector.url, [
      ...seen('2024-06-02', 'c', '10:00:00', '10:00:30', '10:01:00'),
      ...seen('2024-06-02', 'd', '10:01:10', '10:02:00', '10:03:00'),
      ...seen('2024-06-02', 'c', '10:03:30', '10:04:00'),
    ])
    expect(await marks('2024-06-02')).toEqual([
      ['10:00:00', 'c'],
      ['10:01:10', 'd'],
      ['10:03:30', 'c'],
    ])
  })

  it('do not flicker while two releases serve side by side', async () => {
    const every30s = Array.from({ length: 20 }, (_, i) =>
      `11:${String(Math.floor(i / 2)).padStart(2, '0')}:${i % 2 ? 30 : 0}0`.slice(0, 8),
    )
    await send(collector.url, [
      ...seen('2024-06-03', 'e', ...every30s),
      ...seen('2024-06-03', 'f', ...every30s.slice(6)),
    ])
    expect(await marks('2024-06-03')).toEqual([
      ['11:00:00', 'e'],
      ['11:03:00', 'f'],
    ])
  })

  it('leave out a straggler: one request long after its release was replaced', async () => {
    const minutes = Array.from({ length: 45 }, (_, i) => `12:${String(i).padStart(2, '0')}`)
    await send(collector.url, [
      ...seen('2024-06-06', 'i', '11:50:00', ...minutes.slice(0, 6).map(minute => `${minute}:10`)),
      ...seen('2024-06-06', 'k', ...minutes.slice(2).map(minute => `${minute}:30`)),
      ...seen('2024-06-06', 'i', '12:36:00'),
    ])
    expect(await marks('2024-06-06')).toEqual([
      ['11:50:00', 'i'],
      ['12:02:30', 'k'],
    ])
    const { body } = await ask(`${collector.url}/api/v1/releases?from=2024-06-06T00:00Z&to=2024-06-06T23:00Z`)
    const [newest, oldest] = body.items as Record<string, unknown>[]
    expect(newest).toMatchObject({ release: 'k', rollback: false, previous: 'i' })
    expect(oldest).toMatchObject({
      release: 'i',
      rollback: false,
      last_seen: '2024-06-06T12:36:00.000Z',
      intervals: [{ from: '2024-06-06T11:50:00.000Z', to: '2024-06-06T12:05:10.000Z' }],
    })
  })

  it('do not repeat after a quiet night', async () => {
    await send(collector.url, seen('2024-06-04', 'g', '01:00:00', '09:00:00', '17:00:00'))
    expect(await marks('2024-06-04')).toEqual([['01:00:00', 'g']])
  })

  it('are of each environment', async () => {
    const staging = makeEvent({ release: 'h', environment: 'staging' }, { timestamp: '2024-06-05T09:00:00Z' })
    await send(collector.url, [staging, ...seen('2024-06-05', 'h', '10:00:00')])
    expect(await marks('2024-06-05')).toEqual([
      ['09:00:00', 'h'],
      ['10:00:00', 'h'],
    ])
    expect(await marks('2024-06-05', 'env=staging')).toEqual([['09:00:00', 'h']])
    expect(await marks('2024-06-05', 'site=nobody')).toEqual([])
  })

  it('are never later than the receipt', async () => {
    const before = Date.now()
    const ahead = new Date(before + 3_600_000).toISOString()
    await send(
      collector.url,
      makeEvent({ release: 'ahead', environment: 'production' }, { timestamp: ahead }),
    )
    const { body } = await ask(`${collector.url}/api/v1/series`)
    const mark = (body.marks as { at: string; release: string }[]).find(each => each.release === 'ahead')
    expect(Date.parse(mark?.at ?? '')).toBeLessThanOrEqual(Date.now())
    expect(Date.parse(mark?.at ?? '')).toBeGreaterThanOrEqual(before)
  })
})

describe('POST /api/v1/releases', () => {
  it('answers 201 with the mark, which goes before the first event and outlives a restart', async () => {
    const mark = { release: 'p1', environment: 'production', at: '2024-06-10T10:00:00.000Z' }
    const answer = await announce({ ...mark, commits: [{ id: '4f2c1', message: 'Fix paying' }] })
    expect(answer.status).toBe(201)
    expect(answer.body).toEqual(mark)
    await send(collector.url, seen('2024-06-10', 'p1', '10:00:30', '10:20:00'))
    expect(await marks('2024-06-10')).toEqual([['10:00:00', 'p1']])
    await collector.close()
    collector = await createCollector(options)
    expect(await marks('2024-06-10')).toEqual([['10:00:00', 'p1']])
  })

  it('moves no release that serves already: a roll-out is announced when it is done', async () => {
    await send(collector.url, seen('2024-06-11', 'p2', '10:00:30', '10:20:00'))
    await announce({ release: 'p2', environment: 'production', at: '2024-06-11T10:15:00.000Z' })
    expect(await marks('2024-06-11')).toEqual([['10:00:30', 'p2']])
  })

  it('marks this moment unless said, and never a later one', async () => {
    for (const [release, at] of [
      ['now', undefined],
      ['later', '2150-01-01T00:00:00Z'],
    ]) {
      const before = Date.now()
      const { body } = await announce({ release, environment: 'production', at })
      expect(Date.parse(String(body.at))).toBeGreaterThanOrEqual(before)
      expect(Date.parse(String(body.at))).toBeLessThanOrEqual(Date.now())
    }
  })

  it('answers with the mark that stands where the release is in service already', async () => {
    const release = { release: 'again', environment: 'quality' }
    const first = await announce(release)
    expect((await announce(release)).body).toEqual(first.body)
  })

  it('gives a release that was not seen the time until the next one came', async () => {
    for (const [release, time] of [
      ['q1', '19:15'],
      ['q2', '20:15'],
      ['q1', '21:15'],
    ])
      await announce({ release, environment: 'alone', at: `2024-06-12T${time}:00Z` })
    const { body } = await ask(`${collector.url}/api/v1/releases?from=2024-06-12T00:00Z&to=2024-06-13T00:00Z`)
    const interval = (from: string, to: string | null) => ({
      from: `2024-06-12T${from}:00.000Z`,
      to: to && `2024-06-12T${to}:00.000Z`,
    })
    expect(body.items).toMatchObject([
      { release: 'q1', intervals: [interval('19:15', '20:15'), interval('21:15', null)], rollback: true },
      { release: 'q2', intervals: [interval('20:15', '21:15')], last_seen: null },
    ])
  })

  const wrong: [name: string, body: unknown, says: string][] = [
    ['an array', [], '`release`'],
    ['no release', { environment: 'x' }, '`release`'],
    ['an empty release', { release: '', environment: 'x' }, '`release`'],
    ['a release too long', { release: 'x'.repeat(201), environment: 'x' }, '`release`'],
    ['no environment', { release: 'x' }, '`environment`'],
    ['a moment that is none', { release: 'x', environment: 'x', at: 'soon' }, '`at`'],
    ['a moment as a number', { release: 'x', environment: 'x', at: 5 }, '`at`'],
    ['commits that are none', { release: 'x', environment: 'x', commits: 'all' }, '`commits`'],
  ]
  it.each(wrong)('refuses %s', async (_, body, says) => {
    const answer = await announce(body)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toContain(says)
  })

  it('asks for the ingest key', async () => {
    expect((await announce({ release: 'x', environment: 'x' }, 'nobody')).status).toBe(401)
  })
})

describe('placing marks', () => {
  const arrival = (at: number, release: string, announced = false, until = announced ? 0 : at): Arrival => ({
    at,
    until,
    release,
    announced,
    site: 's',
    environment: 'e',
  })
  const MINUTE = 60_000
  /** One that has replaced another and serves for an hour. */
  const serving = [arrival(1, 'a'), arrival(2, 'b', false, 60 * MINUTE)]
  const replaced: [number, string][] = [
    [1, 'a'],
    [2, 'b'],
  ]
  const cases: [name: string, arrivals: Arrival[], marks: [number, string][]][] = [
    ['leaves out one that is seen once while another serves', [...serving, arrival(MINUTE, 'a')], replaced],
    [
      'leaves out one that is seen for a minute while another serves',
      [...serving, arrival(MINUTE, 'a', false, 2 * MINUTE), arrival(5 * MINUTE, 'a')],
      replaced,
    ],
    [
      'takes one that is seen for longer as returned, be the other there still',
      [...serving, arrival(MINUTE, 'a', false, 2 * MINUTE + 1)],
      [...replaced, [MINUTE, 'a']],
    ],
    [
      'takes one as returned from its first request after the other’s last',
      [...serving, arrival(59 * MINUTE, 'a', false, 60 * MINUTE + 1)],
      [...replaced, [59 * MINUTE, 'a']],
    ],
    [
      'takes one that is announced as returned at once',
      [...serving, arrival(MINUTE, 'a', true)],
      [...replaced, [MINUTE, 'a']],
    ],
    [
      'takes one that is seen once as new where it was never seen before',
      [...serving, arrival(MINUTE, 'c')],
      [...replaced, [MINUTE, 'c']],
    ],
    [
      'takes one request as a return where no other serves: few come at all',
      [arrival(1, 'a'), arrival(5 * MINUTE, 'b'), arrival(9 * MINUTE, 'a'), arrival(14 * MINUTE, 'a')],
      [
        [1, 'a'],
        [5 * MINUTE, 'b'],
        [9 * MINUTE, 'a'],
      ],
    ],
    [
      'sorts them',
      [arrival(2, 'b'), arrival(1, 'a')],
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    ['takes one release after itself as one', [arrival(1, 'a'), arrival(9, 'a')], [[1, 'a']]],
    [
      'takes the announced moment where it is the earlier',
      [arrival(2, 'a'), arrival(1, 'a', true)],
      [[1, 'a']],
    ],
    [
      'takes the moment seen where it is announced later',
      [arrival(1, 'a'), arrival(2, 'a', true)],
      [[1, 'a']],
    ],
    [
      'takes what is announced late for announced all the same',
      [arrival(1, 'a'), arrival(2, 'a', true), arrival(3, 'a', true)],
      [[1, 'a']],
    ],
    ['takes the first of two announced', [arrival(1, 'a', true), arrival(2, 'a', true)], [[1, 'a']]],
    [
      'takes an announced return as one',
      [arrival(1, 'a', true), arrival(2, 'b', true), arrival(3, 'a', true)],
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'a'],
      ],
    ],
  ]
  it.each(cases)('%s', (_, arrivals, expected) => {
    expect(placeMarks(arrivals).map(({ at, release }) => [at, release])).toEqual(expected)
  })
})
