/** Lanczos' approximation, g = 7. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** The natural logarithm of the gamma function, for x > 0.5. */
function logGamma(x: number): number {
  const t = x + 6.5
  const sum = LANCZOS.reduce((sum, c, i) => (i === 0 ? c : sum + c / (x - 1 + i)), 0)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

const MOST_TERMS = 10_000
const TINY = 1e-300

/** The continued fraction of the incomplete beta function, after Lentz; it converges fast for x < (a + 1) / (a + b + 2). */
function betaFraction(a: number, b: number, x: number): number {
  const away = (value: number) => (Math.abs(value) < TINY ? TINY : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    result *= d * c
    if (Math.abs(d * c - 1) < 1e-12) break
  }
  return result
}

/**
 * How likely it is that of `trials` at least `hits` are hits, where each is one with this chance: P(X ≥ hits).
 * Numbers need not be whole, as weights are not; what is smaller than 1e-300 is 0.
 */
export function binomialTail(hits: number, trials: number, chance: number): number {
  if (hits <= 0) return 1
  if (hits > trials || chance <= 0) return 0
  if (chance >= 1) return 1
  const a = hits
  const b = trials - hits + 1
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(chance) + b * Math.log1p(-chance),
  )
  return chance < (a + 1) / (a + b + 2)
    ? (front * betaFraction(a, b, chance)) / a
    : 1 - (front * betaFraction(b, a, 1 - chance)) / b
}
