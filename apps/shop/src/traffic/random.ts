/** Numbers in [0, 1), the same ones for the same seed. */
export type Random = () => number

/** Mulberry32: small, and good enough for visitors. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** From `min` to `max`, both included. */
export function whole(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1))
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T
}

/** One of the entries, each as often as its weight says. */
export function weighted<T extends { weight: number }>(random: Random, list: readonly T[]): T {
  let left = random() * list.reduce((sum, { weight }) => sum + weight, 0)
  for (const entry of list) {
    left -= entry.weight
    if (left < 0) return entry
  }
  return list.at(-1) as T
}

/** So many hexadecimal digits. */
export function hex(random: Random, digits: number): string {
  return Array.from({ length: digits }, () => whole(random, 0, 15).toString(16)).join('')
}
