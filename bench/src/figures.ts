import type { Contender } from './contenders.js'
import type { PacedSlice, Slice } from './measures/slices.js'
import type { Results } from './results.js'
import { interval, median } from './stats.js'

/** One contender's row: medians over the rounds, each round's over bare of the same round. */
export interface Figures {
  readonly contender: Contender
  readonly up?: Overhead
  /** By requests a second. */
  readonly paced: ReadonlyMap<number, Pacing>
  /** Share of the requests made that were reported. */
  readonly delivered?: number
  readonly down?: Overhead
  readonly silent?: Overhead
  /** Seconds, with a silent sink; `null` if it never did. */
  readonly ending?: number | null
  /** Milliseconds more than bare. */
  readonly startUp?: number
  readonly install?: { readonly bytes: number; readonly packages: number }
}

export interface Overhead {
  /** Microseconds of CPU a request, over bare. */
  readonly added: number
  /** `added` by that of the lower bound. */
  readonly ratio: number
  /** Where the ratio lies nine times out of ten. */
  readonly range: readonly [number, number]
  /** Requests a second, by those of bare. */
  readonly throughput: number
  /** MiB more than bare. */
  readonly rss: number
  readonly heap: number
  readonly held: Held
}

/** Milliseconds for which a turn's longest slice of work held the event loop. */
export interface Held {
  readonly median: number
  readonly worst: number
}

export interface Pacing {
  readonly added: number
  /** Milliseconds, as they are. */
  readonly p50: number
  readonly p99: number
  /** Milliseconds over bare; of bare, over its own round before: the noise. */
  readonly addedP99: number
  /** Where `addedP99` lies nine times out of ten. */
  readonly rangeP99: readonly [number, number]
  readonly held: Held
}

interface Trio<S extends Slice> {
  readonly it: S
  readonly bare: S
  readonly lower: S
}

const MIB = 2 ** 20

export function figuresOf(contender: Contender, results: Results): Figures {
  const { name, bare } = contender
  const of = <Row extends { contender: string }>(rows: readonly Row[] | undefined, which = name): Row[] =>
    rows?.filter(row => row.contender === which) ?? []
  const rates = new Set(of(results.paced).map(({ rate }) => rate))
  const delivered = of(results.delivered)
  const sum = (count: 'reported' | 'requests'): number =>
    delivered.reduce((total, fleet) => total + fleet[count], 0)
  const [ending] = of(results.endings)
  const [install] = of(results.installs)
  // Noise only ever adds to a start, so the quickest of each is compared.
  const startUp = (which: string): number =>
    Math.min(...of(results.startUps, which).map(({ milliseconds }) => milliseconds))
  return {
    contender,
    ...overhead('up', contender, results.up),
    ...overhead('down', contender, results.down),
    ...overhead('silent', contender, results.silent),
    paced: new Map([...rates].map(rate => [rate, pacing(contender, rate, results.paced ?? [])])),
    ...(delivered.length > 0 && contender.reported && { delivered: sum('reported') / sum('requests') }),
    ...(ending && { ending: ending.seconds }),
    ...(results.startUps && { startUp: startUp(name) - startUp(bare) }),
    ...(install && { install }),
  }
}

function overhead<Key extends string>(
  key: Key,
  contender: Contender,
  slices: readonly Slice[] | undefined,
): { [key in Key]?: Overhead } {
  const trios = triosOf(contender, slices ?? [])
  if (trios.length === 0) return {}
  return {
    [key]: {
      added: added(trios),
      ratio: ratio(trios),
      range: interval(trios, ratio),
      throughput: median(
        trios.map(({ it, bare }) => it.requests / it.seconds / (bare.requests / bare.seconds)),
      ),
      rss: median(trios.map(({ it, bare }) => it.rss - bare.rss)) / MIB,
      heap: median(trios.map(({ it, bare }) => it.heap - bare.heap)) / MIB,
      held: held(trios),
    },
  } as { [key in Key]?: Overhead }
}

function pacing(contender: Contender, rate: number, slices: readonly PacedSlice[]): Pacing {
  const trios = triosOf(
    contender,
    slices.filter(slice => slice.rate === rate),
  )
  const isBare = contender.name === contender.bare
  const moreP99 = isBare
    ? trios.slice(1).map(({ it }, before) => it.p99 - (trios[before] as Trio<PacedSlice>).it.p99)
    : trios.map(({ it, bare }) => it.p99 - bare.p99)
  return {
    added: added(trios),
    p50: median(trios.map(({ it }) => it.p50)),
    p99: median(trios.map(({ it }) => it.p99)),
    addedP99: median(moreP99),
    rangeP99: interval(moreP99, median),
    held: held(trios),
  }
}

function triosOf<S extends Slice>({ name, bare, lower }: Contender, slices: readonly S[]): Trio<S>[] {
  const find = (contender: string, round: number): S | undefined =>
    slices.find(slice => slice.contender === contender && slice.round === round)
  return slices
    .filter(slice => slice.contender === name)
    .flatMap(it => {
      const trio = { it, bare: find(bare, it.round), lower: find(lower, it.round) }
      return trio.bare && trio.lower ? [trio as Trio<S>] : []
    })
}

function held(trios: readonly Trio<Slice>[]): Held {
  const turns = trios.map(({ it }) => it.held)
  return { median: median(turns), worst: Math.max(...turns) }
}

function added(trios: readonly Trio<Slice>[]): number {
  return median(trios.map(({ it, bare }) => it.cpu - bare.cpu))
}

function ratio(trios: readonly Trio<Slice>[]): number {
  return added(trios) / median(trios.map(({ lower, bare }) => lower.cpu - bare.cpu))
}
