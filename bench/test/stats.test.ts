import { describe, expect, it } from 'vitest'
import { interval, median, quantile } from '../src/stats.js'

describe('quantiles', () => {
  it.each([
    { values: [3, 1, 2], share: 0.5, is: 2 },
    { values: [4, 1, 2, 3], share: 0.5, is: 2.5 },
    { values: [0, 10], share: 0.1, is: 1 },
    { values: [7], share: 0.99, is: 7 },
  ])('$share of $values is $is', ({ values, share, is }) => {
    expect(quantile(values, share)).toBeCloseTo(is)
  })

  it('of nothing is no number', () => expect(median([])).toBeNaN())
})

describe('an interval', () => {
  it('holds the figure, and is wider the more the rounds differ', () => {
    const calm = interval([9, 10, 10, 10, 11], median)
    const wild = interval([1, 5, 10, 15, 19], median)
    for (const [low, high] of [calm, wild]) {
      expect(low).toBeLessThanOrEqual(10)
      expect(high).toBeGreaterThanOrEqual(10)
    }
    expect(wild[1] - wild[0]).toBeGreaterThan(calm[1] - calm[0])
  })

  it('is the same each time', () => {
    expect(interval([1, 2, 3], median)).toEqual(interval([1, 2, 3], median))
  })
})
