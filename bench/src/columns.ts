import type { Figures, Held, Overhead, Pacing } from './figures.js'
import { ENDING_MS } from './fleet.js'
import type { Machine } from './machine.js'
import type { Results } from './results.js'

interface Column {
  readonly title: string
  /** Bare has nothing to tell here. */
  readonly isOverBare?: boolean
  /** `undefined` where there is nothing to tell. */
  readonly cell: (figures: Figures) => string | undefined
}

const COLUMNS: readonly Column[] = [
  { title: '+ CPU µs', isOverBare: true, cell: ({ up }) => up?.added.toFixed(1) },
  { title: '× lower bound', isOverBare: true, cell: ({ up }) => up && ratio(up) },
  { title: 'throughput', cell: ({ up }) => up?.throughput.toFixed(2) },
  ...[500, 2000].flatMap((rate): Column[] => [
    {
      title: `+ CPU µs at ${rate}/s`,
      isOverBare: true,
      cell: ({ paced }) => paced.get(rate)?.added.toFixed(0),
    },
    {
      title: `p50, p99 ms at ${rate}/s`,
      cell: ({ paced }) => {
        const pacing = paced.get(rate)
        return pacing && `${pacing.p50.toFixed(2)}, ${pacing.p99.toFixed(2)}`
      },
    },
    {
      title: `+ p99 ms at ${rate}/s`,
      cell: ({ paced }) => overP99(paced.get(rate)),
    },
  ]),
  { title: 'loop held ms', cell: ({ up }) => held(up) },
  { title: 'loop held ms at 2000/s', cell: ({ paced }) => held(paced.get(2000)) },
  {
    title: '+ RSS, heap MiB',
    isOverBare: true,
    cell: ({ up }) => up && `${up.rss.toFixed(0)}, ${up.heap.toFixed(0)}`,
  },
  {
    title: 'delivered',
    cell: ({ delivered }) => (delivered === undefined ? undefined : `${(delivered * 100).toFixed(1)} %`),
  },
  ...(['down', 'silent'] as const).map(
    (sink): Column => ({
      title: `sink ${sink}: + CPU µs, RSS MiB`,
      isOverBare: true,
      cell: ({ [sink]: it }) => it && `${it.added.toFixed(0)}, ${it.rss.toFixed(0)}`,
    }),
  ),
  {
    title: 'ends, sink silent',
    cell: ({ ending }) =>
      ending === null
        ? `not in ${ENDING_MS / 1000} s`
        : ending === undefined
          ? undefined
          : `${ending.toFixed(1)} s`,
  },
  { title: '+ start-up ms', isOverBare: true, cell: ({ startUp }) => startUp?.toFixed(0) },
  {
    title: 'MB, packages',
    cell: ({ install }) => install && `${(install.bytes / 1e6).toFixed(1)}, ${install.packages}`,
  },
]

function cellOf({ isOverBare, cell }: Column, figures: Figures): string | undefined {
  const { name, bare } = figures.contender
  return isOverBare && name === bare ? undefined : cell(figures)
}

function ratio({ ratio, range: [low, high] }: Overhead): string {
  return `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
}

function overP99(pacing: Pacing | undefined): string | undefined {
  if (!pacing || Number.isNaN(pacing.addedP99)) return undefined
  const [low, high] = pacing.rangeP99
  return `${pacing.addedP99.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
}

function held(figures: { readonly held: Held } | undefined): string | undefined {
  return figures && `${figures.held.median.toFixed(1)}, ${figures.held.worst.toFixed(1)}`
}

/** One row a contender; columns that nobody fills are left out. */
export function linesOf(rows: readonly Figures[]): string[][] {
  const columns = COLUMNS.filter(column => rows.some(row => cellOf(column, row) !== undefined))
  return [
    ['', ...columns.map(({ title }) => title)],
    ...rows.map(row => [row.contender.label, ...columns.map(column => cellOf(column, row) ?? '–')]),
  ]
}

/** What a table was measured on, and when. */
export function captionOf({ date, machine, rounds, seconds }: Results): string {
  const { cpu, cores, gibibytes, system, node, isPinned, load, versions } = machine
  const where = isPinned ? 'server alone on one core, load and sink on another' : 'cores not pinned'
  return [
    `Measured on ${date.slice(0, 16).replace('T', ' ')} UTC: ${cpu}, ${cores} cores, ${gibibytes} GiB, ${system},`,
    `Node ${node.slice(1)}; ${where}; ${rounds} rounds of ${seconds} s; ${loadSentence(load)}`,
    `Versions: ${versionsOf(versions)}.`,
  ].join(' ')
}

function loadSentence(load: Machine['load']): string {
  const others = load < 0.5 ? 'the machine was quiet' : 'the machine had other work, so trust the ratios only'
  return `load average before it ${load.toFixed(1)}: ${others}.`
}

function versionsOf(versions: Machine['versions']): string {
  return Object.entries(versions)
    .filter(([name]) => !name.startsWith('@justanalytics/'))
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}
