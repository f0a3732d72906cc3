import type { JSX } from 'preact'
import type { Answer } from '../data/feed.js'
import type { Flow, Listed, Verdict } from '../data/shapes.js'
import { Open } from '../parts/link.js'
import { Answered, Nothing, Panel } from '../parts/panel.js'
import { type Column, Table } from '../parts/table.js'
import { brief, reveal } from '../text/hostile.js'
import { tableToMarkdown } from '../text/markdown.js'
import { formatCount, formatLength, formatRate } from '../text/numbers.js'
import { formatMoment, formatSince } from '../text/time.js'

/** @param end - of the window: a moment of its day goes without the date */
function flowColumns(end: number): Column<Flow>[] {
  return [
    {
      title: 'Flow',
      wide: true,
      text: ({ flow }) => flow,
      cell: ({ flow, calls, jobs }) => (
        <>
          <Open subject={{ kind: 'flow', id: flow }} class="row-link code">
            <bdi>{reveal(brief(flow, 160))}</bdi>
          </Open>
          {calls.length + jobs.length > 0 && (
            <small class="under">
              <bdi>{reveal(brief(leadsTo({ calls, jobs }), 120))}</bdi>
            </small>
          )}
        </>
      ),
    },
    { title: 'Requests', figure: true, text: ({ requests }) => formatCount(requests) },
    { title: 'Failed', figure: true, text: ({ failures }) => formatCount(failures) },
    {
      title: 'Rate',
      figure: true,
      text: ({ rate, usual_rate }) => `${formatRate(rate)} (usual ${formatRate(usual_rate)})`,
      cell: ({ rate, usual_rate }) => (
        <>
          <span class="strong">{formatRate(rate)}</span> <small>usual {formatRate(usual_rate)}</small>
        </>
      ),
    },
    {
      title: 'Excess',
      figure: true,
      text: ({ excess }) => formatCount(excess),
      cell: ({ excess, broken }) =>
        broken ? <strong class="alarm">{formatCount(excess)}</strong> : formatCount(excess),
    },
    { title: 'Users', figure: true, text: ({ users }) => formatCount(users) },
    {
      title: 'p95',
      figure: true,
      text: ({ p95_ms, usual_p95_ms }) =>
        `${p95_ms === null ? '–' : formatLength(p95_ms)} (usual ${usual_p95_ms === null ? '–' : formatLength(usual_p95_ms)})`,
      cell: ({ p95_ms, usual_p95_ms }) => (
        <>
          {p95_ms === null ? '–' : formatLength(p95_ms)}{' '}
          {usual_p95_ms !== null && <small>usual {formatLength(usual_p95_ms)}</small>}
        </>
      ),
    },
    {
      title: 'Since',
      text: ({ onset, recovered_at }) =>
        onset ? `${formatMoment(Date.parse(onset))}${recovered_at ? ', recovered' : ''}` : '',
      cell: ({ onset, recovered_at }) =>
        onset && (
          <>
            <time dateTime={onset}>{formatSince(Date.parse(onset), end)}</time>
            {recovered_at && <small> recovered</small>}
          </>
        ),
    },
    {
      title: 'Top error',
      wide: true,
      text: ({ error }) => error?.title ?? '',
      cell: ({ error }) =>
        error && (
          <Open subject={{ kind: 'group', id: error.id }} class="clip">
            <bdi>{reveal(brief(error.title, 120))}</bdi>
          </Open>
        ),
    },
    {
      title: 'Release',
      text: ({ release }) => release ?? '',
      cell: ({ release }) =>
        release && (
          <Open subject={{ kind: 'release', id: release }} class="clip">
            <bdi>{reveal(brief(release, 60))}</bdi>
          </Open>
        ),
    },
  ]
}

/** What a page calls and what is enqueued for it, the failing first. */
function leadsTo({ calls, jobs }: Pick<Flow, 'calls' | 'jobs'>): string {
  const failing = jobs.filter(({ failures }) => failures > 0)
  const words = failing.map(
    ({ job, attempts, failures }) => `job ${job} fails ${formatCount(failures)} of ${formatCount(attempts)}`,
  )
  if (calls.length > 0) words.push(`calls ${calls.map(({ flow }) => flow).join(', ')}`)
  const fine = jobs.filter(({ failures }) => failures === 0).map(({ job }) => job)
  if (fine.length > 0) words.push(`enqueues ${fine.join(', ')}`)
  return words.join(' · ')
}

/** The verdict looks closer at the flow that it names: stray failures before its trouble are none of it. */
function lookCloser(flow: Flow, verdict: Verdict | null): Flow {
  if (!flow.onset || !verdict?.onset || verdict.flow !== flow.flow) return flow
  return { ...flow, onset: verdict.onset, recovered_at: verdict.recovered_at }
}

interface FlowsProps {
  answer: Answer<Listed<Flow>> | undefined
  verdict: Answer<Verdict> | undefined
}

export function Flows({ answer, verdict }: FlowsProps): JSX.Element {
  const columns = flowColumns(answer?.window.to ?? 0)
  const said = verdict?.stale ? null : (verdict?.value ?? null)
  const rows = answer?.value?.items.map(flow => lookCloser(flow, said))
  return (
    <Panel
      name="flows"
      title="Flows"
      note="the most failures above the usual first"
      busy={answer?.stale ?? true}
      copy={rows?.length ? () => tableToMarkdown('Flows', columns, rows) : undefined}
    >
      <Answered answer={answer}>
        {() =>
          !rows?.length ? (
            <Nothing>No requests in this window.</Nothing>
          ) : (
            <Table
              label="Flows"
              columns={columns}
              rows={rows}
              keyOf={({ flow }) => flow}
              toneOf={({ broken }) => (broken ? 'row-bad' : undefined)}
            />
          )
        }
      </Answered>
    </Panel>
  )
}
