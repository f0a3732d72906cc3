import type { Flow, GroupRate } from '../data/shapes.js'
import { Open } from '../parts/link.js'
import type { Column } from '../parts/table.js'
import { brief, reveal } from '../text/hostile.js'
import { formatCount, formatLength, formatRate } from '../text/numbers.js'
import { formatMoment } from '../text/time.js'

function perThousand({ count, per_1000 }: GroupRate['a']): string {
  return count === 0 ? '–' : per_1000 < 10 ? per_1000.toFixed(1) : formatCount(per_1000)
}

export const COMPARED_COLUMNS: readonly Column<GroupRate>[] = [
  {
    title: 'Error',
    wide: true,
    text: ({ title, culprit }) => [title, culprit && `in ${culprit}`].filter(Boolean).join(' '),
    cell: ({ id, title, culprit }) => (
      <>
        <Open subject={{ kind: 'group', id }} class="row-link">
          <bdi>{reveal(brief(title, 160))}</bdi>
        </Open>
        {culprit && (
          <small class="under code">
            <bdi>{reveal(brief(culprit, 100))}</bdi>
          </small>
        )}
      </>
    ),
  },
  { title: 'Before, per 1,000', figure: true, text: ({ a }) => perThousand(a) },
  {
    title: 'Now, per 1,000',
    figure: true,
    text: ({ b }) => perThousand(b),
    cell: ({ b }) => <span class="strong">{perThousand(b)}</span>,
  },
]

export function factsOfFlow(flow: Flow): [string, string][] {
  const facts: [string, string][] = [
    ['Requests', formatCount(flow.requests)],
    [
      'Failed',
      `${formatCount(flow.failures)} (${formatRate(flow.rate)}, usual ${formatRate(flow.usual_rate)})`,
    ],
    ['Above the usual', formatCount(flow.excess)],
    ['Users hit', formatCount(flow.users)],
  ]
  if (flow.p95_ms !== null) facts.push(['p95', formatLength(flow.p95_ms)])
  if (flow.usual_p95_ms !== null) facts.push(['Usual p95', formatLength(flow.usual_p95_ms)])
  if (flow.onset) facts.push(['Since', formatMoment(Date.parse(flow.onset))])
  if (flow.recovered_at) facts.push(['Recovered', formatMoment(Date.parse(flow.recovered_at))])
  if (flow.release) facts.push(['Release', reveal(flow.release)])
  return facts
}
