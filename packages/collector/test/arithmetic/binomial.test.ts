import { describe, expect, it } from 'vitest'
import { binomialTail } from '../../src/query/arithmetic/binomial.js'

/** The sum it stands for, term by term. */
function summed(hits: number, trials: number, chance: number): number {
  let [sum, ways] = [0, 1]
  for (let k = 0; k <= trials; k++) {
    if (k >= hits) sum += ways * chance ** k * (1 - chance) ** (trials - k)
    ways = (ways * (trials - k)) / (k + 1)
  }
  return sum
}

describe('P(X ≥ hits)', () => {
  const cases: [hits: number, trials: number, chance: number][] = [
    [1, 1, 0.5],
    [2, 10, 0.01],
    [5, 10, 0.5],
    [10, 10, 0.9],
    [3, 200, 0.004],
    [12, 300, 0.04],
    [40, 400, 0.1],
    [399, 400, 0.99],
  ]
  it.each(cases)('of %d of %d at %d is the sum of its terms', (hits, trials, chance) => {
    expect(binomialTail(hits, trials, chance) / summed(hits, trials, chance)).toBeCloseTo(1, 8)
  })

  it('holds for millions, and for what is next to impossible', () => {
    expect(binomialTail(40_000, 10_000_000, 0.004)).toBeCloseTo(0.5, 2)
    expect(binomialTail(41_000, 10_000_000, 0.004)).toBeLessThan(1e-6)
    expect(binomialTail(41_000, 10_000_000, 0.004)).toBeGreaterThan(1e-7)
    expect(binomialTail(9000, 10_000, 0.004)).toBe(0)
  })

  const edges: [hits: number, trials: number, chance: number, is: number][] = [
    [0, 10, 0.1, 1],
    [-1, 10, 0.1, 1],
    [11, 10, 0.1, 0],
    [1, 0, 0.1, 0],
    [1, 10, 0, 0],
    [10, 10, 1, 1],
  ]
  it.each(edges)('of %d of %d at %d is %d', (hits, trials, chance, is) => {
    expect(binomialTail(hits, trials, chance)).toBe(is)
  })

  it('falls with every hit more', () => {
    const tails = Array.from({ length: 50 }, (_, hits) => binomialTail(hits, 50, 0.3))
    expect(tails).toEqual(tails.toSorted((a, b) => b - a))
  })
})
