import { describe, expect, it } from 'vitest'
import type { Bucket, Mark } from '../src/data/answers.js'
import {
  bucketIndex,
  failureRate,
  fillBuckets,
  healthy,
  niceMax,
  placeMarks,
  summarise,
} from '../src/data/buckets.js'

const MINUTE = 60_000

function bucket(at: number, figures: Partial<Bucket> = {}): Bucket {
  return {
    at,
    requests: 0,
    failures: 0,
    rejected: 0,
    pageviews: 0,
    visitors: 0,
    task_failures: 0,
    ...figures,
  }
}

function series(buckets: Bucket[], stepMs = MINUTE) {
  return { stepMs, buckets, marks: [], queues: [], complete: true, dropped: 0 }
}

describe('fillBuckets', () => {
  it('covers the window with the steps the server left out', () => {
    const filled = fillBuckets(series([bucket(2 * MINUTE, { requests: 7 })]), {
      from: 90_000,
      to: 4 * MINUTE,
    })
    expect(filled.map(each => [each.at, each.requests])).toEqual([
      [MINUTE, 0],
      [2 * MINUTE, 7],
      [3 * MINUTE, 0],
    ])
  })

  it('keeps to a grid of the server that does not begin at the epoch', () => {
    const filled = fillBuckets(series([bucket(2 * MINUTE + 500)]), { from: MINUTE + 600, to: 3 * MINUTE })
    expect(filled.map(each => each.at)).toEqual([MINUTE + 500, 2 * MINUTE + 500])
  })

  it('has one step for a window without an answer', () => {
    expect(fillBuckets(series([]), { from: 0, to: 1 })).toEqual([bucket(0)])
  })

  it('does not believe a step that asks for more bars than a screen has', () => {
    expect(fillBuckets(series([], 1), { from: 0, to: 7 * 86_400_000 })).toHaveLength(3000)
  })
})

describe('figures', () => {
  it('sums all but visitors, of whom the busiest step counts', () => {
    const total = summarise([
      bucket(0, { requests: 10, failures: 2, visitors: 4, task_failures: 1 }),
      bucket(1, { requests: 30, failures: 1, rejected: 5, visitors: 3 }),
    ])
    expect(total).toMatchObject({ requests: 40, failures: 3, rejected: 5, visitors: 4, task_failures: 1 })
    expect(healthy(total)).toBe(32)
    expect(failureRate(total)).toBe(3 / 40)
  })

  it('has no rate without requests and none above all', () => {
    expect(failureRate(bucket(0))).toBeNull()
    expect(failureRate(bucket(0, { requests: 1, failures: 2 }))).toBe(1)
  })
})

it.each([
  [0, 4, 4],
  [4, 4, 4],
  [5, 4, 5],
  [27, 4, 30],
  [61, 4, 80],
  [81, 4, 100],
  [1083, 4, 2000],
  [0.003, 0.01, 0.01],
  [0.38, 0.01, 0.4],
  [0.6, 0.01, 0.6],
])('niceMax of %d and at least %d is %d', (value, least, expected) => {
  expect(niceMax(value, least)).toBeCloseTo(expected, 10)
})

it.each([
  [-5, 0],
  [0, 0],
  [59_999, 0],
  [60_000, 1],
  [9e9, 2],
])('the instant %d lies in bucket %d', (at, expected) => {
  const buckets = [bucket(0), bucket(MINUTE), bucket(2 * MINUTE)]
  expect(bucketIndex(buckets, MINUTE, at)).toBe(expected)
})

describe('placeMarks', () => {
  const mark = (at: number): Mark => ({ at, release: `r${at}`, environment: null })
  const place = (...at: number[]) =>
    placeMarks(
      at.map(mark),
      x => x,
      1000,
      26,
      () => 100,
    )

  it('gives each label the room to the next', () => {
    expect(place(100, 400).map(({ x, room, side }) => [x, room, side])).toEqual([
      [100, 300, 'right'],
      [400, 600, 'right'],
    ])
  })

  it('puts marks that touch under one label, the newest last', () => {
    const [only, ...others] = place(100, 110, 120)
    expect(others).toEqual([])
    expect(only?.marks.map(each => each.release)).toEqual(['r100', 'r110', 'r120'])
  })

  it('puts the last label on the left where the edge is near, and shortens the one before', () => {
    expect(place(500, 980).map(({ room, side }) => [room, side])).toEqual([
      [380, 'right'],
      [100, 'left'],
    ])
    expect(place(880, 980).map(({ room, side }) => [room, side])).toEqual([
      [26, 'right'],
      [74, 'left'],
    ])
  })

  it('leaves it on the right where there is less room on the left', () => {
    expect(place(900, 950).map(({ room, side }) => [room, side])).toEqual([
      [50, 'right'],
      [50, 'right'],
    ])
  })
})
