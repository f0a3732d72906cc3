import { describe, expect, it } from 'vitest'
import { findTroubles, isBeyondChance } from '../../src/query/arithmetic/trouble.js'
import { type Count, shrunkRate, usualOf } from '../../src/query/arithmetic/usual.js'

/** `100/2 100/40`: requests and failures of one bucket after the other; `60*100/0` is sixty of a kind. */
function buckets(text: string): Count[] {
  return text.split(' ').flatMap(part => {
    const [, times = '1', requests, failures] = /^(?:(\d+)\*)?(\d+)\/(\d+)$/.exec(part) ?? []
    return Array.from({ length: Number(times) }, () => ({
      requests: Number(requests),
      failures: Number(failures),
    }))
  })
}

const USUAL = { rate: 0.004, most: 0.005 }

describe('a trouble', () => {
  const cases: [
    name: string,
    buckets: string,
    troubles: [first: number, last: number, recovered: boolean][],
  ][] = [
    ['is none where all is as usual', '60*100/0 20*100/1 30*100/0', []],
    ['is none for a failure here and there', '30*10/0 1*10/1 30*10/0 1*10/2 30*10/0', []],
    ['is none in nothing', '60*0/0', []],
    ['lasts from the first of two bad buckets to the end', '40*100/0 20*100/38', [[40, 59, false]]],
    ['begins with its first failures', '40*100/0 1*100/5 19*100/38', [[40, 59, false]]],
    ['is over once it goes well again', '20*100/0 10*100/30 30*100/0', [[20, 29, true]]],
    ['is not over for a lull', '20*100/0 10*100/30 5*0/0 1*10/0 10*100/30', [[20, 45, false]]],
    [
      'comes twice',
      '20*100/0 5*100/30 20*100/0 5*100/30 20*100/0',
      [
        [20, 24, true],
        [45, 49, true],
      ],
    ],
    ['may be one bucket alone, if it is past doubt', '59*100/0 1*100/40', [[59, 59, false]]],
    ['shows in what little traffic there is', '62*1/0 20*1/1', [[62, 81, false]]],
    ['begins with one failure of a few requests', '60*3/0 1*3/1 59*4/2', [[60, 119, false]]],
    ['begins with the last of a minute', '40*10/0 1*10/1 19*10/5', [[40, 59, false]]],
    ['comes bit by bit', '40*100/0 3*100/5 3*100/12 14*100/38', [[40, 59, false]]],
    ['is not begun by a stray failure long before', '30*100/0 1*100/1 9*100/0 20*100/38', [[40, 59, false]]],
    ['is not begun by one just before', '39*100/0 1*100/1 20*100/38', [[40, 59, false]]],
    ['may be all there is', '10*100/50', [[0, 9, false]]],
  ]
  it.each(cases)('%s', (_, text, troubles) => {
    const found = findTroubles(buckets(text), USUAL, 10)
    expect(found.map(({ first, last, recovered }) => [first, last, recovered])).toEqual(troubles)
  })

  it('counts to its end, or to the window’s where it lasts', () => {
    const [over] = findTroubles(buckets('20*100/0 10*100/30 30*100/0'), USUAL, 1)
    expect(over).toMatchObject({ requests: 1000, failures: 300, excess: 296 })
    const [lasting] = findTroubles(buckets('40*100/0 19*100/38 1*2/0'), USUAL, 1)
    expect(lasting).toMatchObject({ requests: 1902, failures: 722 })
  })

  it('may creep: too thin for any bucket, and too much in all', () => {
    const [creeping] = findTroubles(buckets('40*100/0 60*100/1'), { rate: 0.0002, most: 0.0004 }, 10)
    expect(creeping?.failures).toBe(60)
  })
})

describe('beyond chance', () => {
  const cases: [failures: number, requests: number, tries: number, is: boolean][] = [
    [4, 10, 1, false],
    [6, 30, 1, true],
    [6, 30, 10_000_000, false],
    [10, 1000, 1, false],
    [30, 1000, 80, true],
  ]
  it.each(cases)('%d of %d among %d: %s', (failures, requests, tries, is) => {
    expect(isBeyondChance({ failures, requests }, USUAL, tries)).toBe(is)
  })
})

describe('the usual', () => {
  const NONE: Count = { requests: 0, failures: 0 }
  const past = (requests: number, failures: number): Count => ({ requests, failures })

  it('is shrunk', () => {
    expect(shrunkRate(NONE)).toBe(0.01)
    expect(shrunkRate(past(950, 9.5))).toBe(0.01)
    expect(shrunkRate(past(0, 1000))).toBe(1)
  })

  const cases: [name: string, week: Count, day: Count, basis: string, rate: number][] = [
    ['the week', past(1000, 10), past(100, 90), 'week', 10.5 / 1050],
    ['the day where the week is too short', past(49, 0), past(100, 10), 'day', 10.5 / 150],
    ['the longer where both are', past(20, 0), past(30, 1), 'day', 1.5 / 80],
    ['none', NONE, NONE, 'none', 0.01],
  ]
  it.each(cases)('is that of %s', (_, week, day, basis, rate) => {
    expect(usualOf({ week, day })).toMatchObject({ basis, rate })
  })
})
