import { describe, expect, it } from 'vitest'
import { formatView, isLive, parseView, type View, windowOf, withFilter } from '../src/data/view.js'
import { stepFor, zoom } from '../src/data/window.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.parse('2026-11-22T03:02:00.000Z')
const USUAL: View = { filters: {}, range: '24h', from: null, to: null, table: false, drawers: [] }

describe('the address', () => {
  it.each<[string, View]>([
    ['?', USUAL],
    ['?range=7d', { ...USUAL, range: '7d' }],
    [
      '?site=site_1&env=staging&release=api%402&flow=POST+%2Fpay&group=g1_0&user=u_1&job=mail&status=5xx&q=a+b',
      {
        ...USUAL,
        filters: {
          site: 'site_1',
          env: 'staging',
          release: 'api@2',
          flow: 'POST /pay',
          group: 'g1_0',
          user: 'u_1',
          job: 'mail',
          status: '5xx',
          q: 'a b',
        },
      },
    ],
    [
      '?open=group%3Ag1_0&request=r1&open=user%3Aa%3Ab',
      {
        ...USUAL,
        drawers: [
          { kind: 'group', id: 'g1_0' },
          { kind: 'request', id: 'r1' },
          { kind: 'user', id: 'a:b' },
        ],
      },
    ],
    [
      '?open=release%3Aapi%402&against=api%401&open=release%3Aapi%403&request=r1',
      {
        ...USUAL,
        drawers: [
          { kind: 'release', id: 'api@2', against: 'api@1' },
          { kind: 'release', id: 'api@3' },
          { kind: 'request', id: 'r1' },
        ],
      },
    ],
    ['?from=2026-11-22T02%3A00%3A00.000Z', { ...USUAL, from: NOW - 62 * MINUTE }],
    [
      '?from=2026-11-22T02%3A00%3A00.000Z&to=2026-11-22T03%3A02%3A00.000Z&figures=table',
      { ...USUAL, from: NOW - 62 * MINUTE, to: NOW, table: true },
    ],
  ])('%s is read and written back', (search, view) => {
    expect(parseView(search)).toEqual(view)
    expect(formatView(view)).toBe(search)
  })

  it.each([
    ['a range that does not exist', '?range=9w'],
    ['a range that is a property of every object', '?range=constructor'],
    ['an instant that is none', '?from=yesterday'],
    ['a window that ends before it begins', '?from=2026-11-22T03:00:00Z&to=2026-11-22T02:00:00Z'],
    ['an end without a beginning', '?to=2026-11-22T02:00:00Z'],
    ['empty filters', '?site=&env='],
    ['a drawer of nothing', '?open=&open=group&open=group%3A&request='],
    ['a drawer of a kind that does not exist', '?open=constructor%3A1'],
    ['a release to compare with without one that is compared', '?against=api%401'],
  ])('does not mind %s', (_, search) => {
    expect(parseView(search)).toEqual(USUAL)
  })

  it.each([
    ['what is no release', 'user:u_1', 'api@1'],
    ['a release with itself', 'release:api@1', 'api@1'],
    ['a release with nothing', 'release:api@1', ''],
  ])('does not compare %s', (_, open, against) => {
    const { drawers } = parseView(`?${new URLSearchParams({ open, against })}`)
    expect(drawers).toEqual(parseView(`?${new URLSearchParams({ open })}`).drawers)
  })
})

describe('windowOf', () => {
  it('is the last 24 hours unless said', () => {
    expect(windowOf(USUAL, NOW)).toEqual({ from: NOW - 24 * HOUR, to: NOW })
  })

  it('slides with a range', () => {
    expect(windowOf({ ...USUAL, range: '15m' }, NOW)).toEqual({ from: NOW - 15 * MINUTE, to: NOW })
  })

  it('grows from a beginning, and is live', () => {
    const view = { ...USUAL, from: NOW - HOUR }
    expect(windowOf(view, NOW + MINUTE)).toEqual({ from: NOW - HOUR, to: NOW + MINUTE })
    expect(isLive(view)).toBe(true)
  })

  it('stands still between two instants', () => {
    const view = { ...USUAL, from: NOW - HOUR, to: NOW }
    expect(windowOf(view, NOW + HOUR)).toEqual({ from: NOW - HOUR, to: NOW })
    expect(isLive(view)).toBe(false)
  })

  it('is never empty, whatever the clock says', () => {
    expect(windowOf({ ...USUAL, from: NOW + HOUR }, NOW)).toEqual({ from: NOW - MINUTE, to: NOW })
  })
})

describe('zoom', () => {
  it('doubles around the centre', () => {
    const window = { from: NOW - 4 * HOUR, to: NOW - 2 * HOUR }
    expect(zoom(window, NOW - 3 * HOUR, 2, NOW)).toEqual({ from: NOW - 5 * HOUR, to: NOW - HOUR })
  })

  it('does not look into the future, but keeps the length', () => {
    const window = { from: NOW - HOUR, to: NOW }
    expect(zoom(window, NOW - HOUR / 2, 2, NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW })
  })

  it.each([
    [0.001, MINUTE],
    [10_000, 7 * 24 * HOUR],
  ])('by %d ends at a length of %d ms', (factor, length) => {
    const { from, to } = zoom({ from: NOW - HOUR, to: NOW }, NOW, factor, NOW)
    expect(to - from).toBe(length)
  })
})

it.each([
  [15 * MINUTE, 100, 10_000],
  [HOUR, 100, MINUTE],
  [HOUR, 72, MINUTE],
  [24 * HOUR, 100, 15 * MINUTE],
  [7 * 24 * HOUR, 100, 2 * HOUR],
  [365 * 24 * HOUR, 100, 4 * 24 * HOUR],
])('%d ms in at most %d buckets are steps of %d ms', (length, most, step) => {
  expect(stepFor({ from: NOW - length, to: NOW }, most)).toBe(step)
})

describe('withFilter', () => {
  it('sets one and lets go of one', () => {
    const filters = withFilter({ site: 'a' }, 'user', 'u_1')
    expect(filters).toEqual({ site: 'a', user: 'u_1' })
    expect(withFilter(filters, 'site', null)).toEqual({ user: 'u_1' })
  })
})
