import { describe, expect, it } from 'vitest'
import { findTroubles } from '../../src/query/arithmetic/trouble.js'
import { type Count, shrunkRate } from '../../src/query/arithmetic/usual.js'
import { randomOf } from '../random.js'

const MINUTES = 120
const RATES = [0.05, 0.1, 0.2, 0.4, 0.6]
const A_MINUTE = [1, 3.3, 10, 50, 200]

/** Two hours that fail at the usual rate, and from one moment on at another. */
function tell(seed: string, aMinute: number, rate: number, usual: number) {
  const random = randomOf(seed)
  const past = { requests: 7 * MINUTES * aMinute, failures: 7 * MINUTES * aMinute * usual }
  const buckets: Count[] = Array.from({ length: MINUTES }, () => ({ requests: 0, failures: 0 }))
  const failing: number[] = []
  const begin = MINUTES * (0.3 + 0.5 * random())
  let first: number | undefined
  const all = MINUTES * aMinute
  for (let i = 0; i < all; i++) {
    const at = (MINUTES * (i + random())) / all
    const isOfTheTrouble = at >= begin && random() < rate
    if (isOfTheTrouble) first ??= at
    const bucket = buckets[Math.floor(at)] as Count
    bucket.requests++
    if (!isOfTheTrouble && random() >= usual) continue
    bucket.failures++
    failing.push(at)
  }
  const [trouble] = findTroubles(buckets, { rate: shrunkRate(past), most: shrunkRate(past) }, 3).filter(
    ({ last }) => last >= begin - 1,
  )
  if (!trouble || first === undefined) return undefined
  const onset = failing.find(at => at >= trouble.first) ?? 0
  return Math.sign(Math.floor(onset) - Math.floor(first))
}

describe('the onset', () => {
  const cases: [usual: number, exact: number, early: number][] = [
    [0, 0.97, 0],
    [0.001, 0.88, 0.04],
    [0.005, 0.78, 0.1],
  ]
  it.each(cases)(
    'of a usual %d is the first failure of the trouble in most histories',
    (usual, exact, early) => {
      const found = A_MINUTE.flatMap(aMinute =>
        RATES.flatMap(rate =>
          Array.from({ length: 12 }, (_, i) =>
            tell(`${aMinute} ${rate} ${usual} ${i}`, aMinute, rate, usual),
          ),
        ),
      ).filter(sign => sign !== undefined)
      const share = (sign: number) => found.filter(one => one === sign).length / found.length
      expect(found.length).toBeGreaterThan(200)
      expect(share(0)).toBeGreaterThan(exact)
      expect(share(-1)).toBeLessThanOrEqual(early)
    },
  )
})
