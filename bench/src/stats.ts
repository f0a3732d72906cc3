export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** @param share 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at % 1)
}

/** Where a figure of the rounds lies nine times out of ten, told by drawing the rounds again. */
export function interval<Round>(
  rounds: readonly Round[],
  figure: (rounds: readonly Round[]) => number,
): readonly [number, number] {
  const random = generator()
  const figures = Array.from({ length: 500 }, () =>
    figure(rounds.map(() => rounds[Math.floor(random() * rounds.length)] as Round)),
  )
  return [quantile(figures, 0.05), quantile(figures, 0.95)]
}

/** The same numbers each time (mulberry32), so that a results file gives the same table again. */
function generator(): () => number {
  let state = 1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
