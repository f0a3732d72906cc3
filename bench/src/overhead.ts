import type { Contender } from './contenders.js'
import type { Slice } from './measures/slices.js'
import { interval, median } from './stats.js'

/** What a contender costs, from the slices of all rounds. */
export interface Overhead {
  /** Microseconds of CPU a request, over bare of the same round. */
  readonly added: number
  /** `added` by that of the lower bound. */
  readonly ratio: number
  /** Where the ratio lies nine times out of ten. */
  readonly range: readonly [number, number]
  /** Requests a second by those of bare, same round. */
  readonly throughput: number
  /** MiB more than bare. */
  readonly rss: number
  readonly heap: number
}

interface Trio {
  readonly it: Slice
  readonly bare: Slice
  readonly lower: Slice
}

const MIB = 2 ** 20

export function overheadOf({ name, bare, lower }: Contender, slices: readonly Slice[]): Overhead {
  const find = (contender: string, round: number): Slice =>
    slices.find(slice => slice.contender === contender && slice.round === round) as Slice
  const trios = slices
    .filter(slice => slice.contender === name)
    .map(it => ({ it, bare: find(bare, it.round), lower: find(lower, it.round) }))
  const ratioOf = (some: readonly Trio[]): number =>
    median(some.map(({ it, bare }) => it.cpu - bare.cpu)) /
    median(some.map(({ lower, bare }) => lower.cpu - bare.cpu))
  return {
    added: median(trios.map(({ it, bare }) => it.cpu - bare.cpu)),
    ratio: ratioOf(trios),
    range: interval(trios, ratioOf),
    throughput: median(
      trios.map(({ it, bare }) => it.requests / it.seconds / (bare.requests / bare.seconds)),
    ),
    rss: median(trios.map(({ it, bare }) => it.rss - bare.rss)) / MIB,
    heap: median(trios.map(({ it, bare }) => it.heap - bare.heap)) / MIB,
  }
}
