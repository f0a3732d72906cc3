import { describe, expect, it } from 'vitest'
import { linesOf } from '../src/columns.js'
import { type Contender, choose } from '../src/contenders.js'
import { figuresOf } from '../src/figures.js'
import type { PacedSlice, Slice } from '../src/measures/slices.js'
import type { Results } from '../src/results.js'
import { tableOf } from '../src/table.js'

const trio = choose(['koa/ours'])
const [bare, , ours] = trio as [Contender, Contender, Contender]

/** Three rounds on a machine that gets slower: bare, lower bound + 10, ours + 12. */
function slices(): Slice[] {
  return [100, 200, 400].flatMap((slow, round) =>
    [
      ['koa/bare', 0, 1000] as const,
      ['koa/lower-bound', 10, 900] as const,
      ['koa/ours', 12, 800] as const,
    ].map(([contender, added, requests]) => ({
      contender,
      round,
      requests: requests / (slow / 100),
      seconds: 0.5,
      cpu: slow + added,
      rss: (added + slow) * 2 ** 20,
      heap: 0,
      held: (added + slow) / 100,
    })),
  )
}

function results(rest: Partial<Results>): Results {
  const contenders = trio.map(({ name }) => name)
  const machine = { versions: {} } as Results['machine']
  return { date: '2026-11-22T00:00:00.000Z', machine, rounds: 3, seconds: 0.5, contenders, ...rest }
}

describe('figures', () => {
  it('come from rounds, each over its own bare, so that a drifting machine does not show', () => {
    const { up } = figuresOf(ours, results({ up: slices() }))
    expect(up).toEqual({
      added: 12,
      ratio: 1.2,
      range: [1.2, 1.2],
      throughput: 0.8,
      rss: 12,
      heap: 0,
      held: { median: 2.12, worst: 4.12 },
    })
  })

  it('of p99 are over bare of the same round, and those of bare over its round before: the noise', () => {
    const paced: PacedSlice[] = slices().map(slice => ({ ...slice, rate: 500, p50: 1, p99: slice.cpu / 100 }))
    const p99Of = (contender: Contender): readonly number[] => {
      const pacing = figuresOf(contender, results({ paced })).paced.get(500)
      return [pacing?.addedP99, ...(pacing?.rangeP99 ?? [])].map(Number)
    }
    expect(p99Of(ours)).toEqual([0.12, 0.12, 0.12].map(value => expect.closeTo(value)))
    expect(p99Of(bare)).toEqual([1.5, 1, 2].map(value => expect.closeTo(value)))
  })

  it('leave out a round that bare has no part in', () => {
    const some = slices().filter(({ contender, round }) => contender !== 'koa/bare' || round !== 1)
    expect(figuresOf(ours, results({ up: some })).up?.added).toBe(12)
  })

  it('of a start are the quickest over the quickest of bare', () => {
    const startUps = [300, 250, 900].flatMap((slow, round) =>
      trio.map(({ name }, added) => ({
        contender: name,
        round,
        milliseconds: slow + 10 * added * (round + 1),
      })),
    )
    expect(figuresOf(ours, results({ startUps })).startUp).toBe(40)
  })

  it('count what was delivered by what was made, and not where nothing can be counted', () => {
    const delivered = trio.map(({ name }) => ({ contender: name, requests: 200, reported: 199 }))
    expect(figuresOf(ours, results({ delivered })).delivered).toBe(0.995)
    expect(figuresOf(bare, results({ delivered })).delivered).toBeUndefined()
  })
})

describe('the table', () => {
  it('has the columns that were measured, and nothing over bare for bare', () => {
    const endings = trio.map(({ name }) => ({ contender: name, seconds: name === 'koa/ours' ? 2.04 : null }))
    const all = results({ up: slices(), endings })
    expect(tableOf(linesOf(trio.map(contender => figuresOf(contender, all))))).toMatchInlineSnapshot(`
      "|                      | + CPU µs |       × lower bound | throughput | loop held ms | + RSS, heap MiB | ends, sink silent |
      | -------------------- | -------: | ------------------: | ---------: | -----------: | --------------: | ----------------: |
      | Koa bare             |        – |                   – |       1.00 |     2.0, 4.0 |               – |       not in 15 s |
      | lower bound on Koa   |     10.0 | 1.00 (1.00 to 1.00) |       0.90 |     2.1, 4.1 |           10, 0 |       not in 15 s |
      | JustAnalytics on Koa |     12.0 | 1.20 (1.20 to 1.20) |       0.80 |     2.1, 4.1 |           12, 0 |             2.0 s |"
    `)
  })
})
