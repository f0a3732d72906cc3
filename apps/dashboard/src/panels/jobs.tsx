import type { JSX } from 'preact'
import type { Answer } from '../data/feed.js'
import type { JobFacts, JobList, JobName, ListedJob } from '../data/shapes.js'
import { withFilter } from '../data/view.js'
import { Badge } from '../parts/badge.js'
import { Link, Open } from '../parts/link.js'
import { Answered, Nothing, Panel } from '../parts/panel.js'
import { type Column, Table } from '../parts/table.js'
import { usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'
import { tableToMarkdown } from '../text/markdown.js'
import { formatCount, formatLength } from '../text/numbers.js'
import { formatAgo } from '../text/time.js'

export const JOB_TONES = { completed: 'good', failed: 'bad', retrying: 'warn' } as const

/** A job's address: its id is its queue's alone. */
export function jobSubject(job: Pick<JobFacts, 'id' | 'queue'>): string | null {
  return job.id && (job.queue ? `${job.queue}/${job.id}` : job.id)
}

function jobColumns(now: number): Column<ListedJob>[] {
  return [
    {
      title: 'Job',
      wide: true,
      text: ({ task_name, queue, id }) => [task_name, queue && `in ${queue}`, id].filter(Boolean).join(' '),
      cell: job => {
        const id = jobSubject(job)
        const name = <bdi>{reveal(brief(job.task_name ?? 'unnamed', 80))}</bdi>
        return (
          <>
            {id ? (
              <Open subject={{ kind: 'job', id }} class="row-link code">
                {name}
              </Open>
            ) : (
              name
            )}{' '}
            {job.queue && <small>{reveal(brief(job.queue, 40))}</small>}
            {job.exception_type && (
              <small class="under">
                <bdi>{reveal(brief(`${job.exception_type}: ${job.exception_message ?? ''}`, 100))}</bdi>
              </small>
            )}
          </>
        )
      },
    },
    {
      title: 'State',
      text: ({ state }) => state,
      cell: ({ state }) => <Badge tone={JOB_TONES[state] ?? 'calm'}>{state}</Badge>,
    },
    {
      title: 'Attempts',
      figure: true,
      text: ({ attempts, max_attempts }) =>
        max_attempts ? `${attempts} of ${max_attempts}` : String(attempts),
    },
    {
      title: 'Last',
      text: ({ last_seen }) => last_seen,
      cell: ({ last_seen }) => <time dateTime={last_seen}>{formatAgo(Date.parse(last_seen), now)}</time>,
    },
  ]
}

const NAME_COLUMNS: readonly Column<JobName>[] = [
  {
    title: 'Job',
    wide: true,
    text: ({ task_name, queue }) => (queue ? `${task_name} in ${queue}` : task_name),
    cell: ({ task_name, queue, caused_by }) => (
      <>
        <JobFilter name={task_name} /> {queue && <small>{reveal(brief(queue, 40))}</small>}
        {caused_by.length > 0 && (
          <small class="under">
            by <bdi class="code">{reveal(brief(caused_by.join(', '), 120))}</bdi>
          </small>
        )}
      </>
    ),
  },
  { title: 'Done', figure: true, text: ({ done }) => formatCount(done) },
  {
    title: 'Failed',
    figure: true,
    text: ({ failed }) => formatCount(failed),
    cell: ({ failed }) => (failed > 0 ? <strong class="alarm">{formatCount(failed)}</strong> : '0'),
  },
  { title: 'Retried', figure: true, text: ({ retried }) => formatCount(retried) },
  { title: 'Wait p95', figure: true, text: ({ wait_p95_ms }) => lengthOf(wait_p95_ms) },
  { title: 'Run p95', figure: true, text: ({ run_p95_ms }) => lengthOf(run_p95_ms) },
]

function lengthOf(ms: number | null): string {
  return ms === null ? '–' : formatLength(ms)
}

function JobFilter({ name }: { name: string }): JSX.Element {
  const { view } = usePlace()
  return (
    <Link change={{ filters: withFilter(view.filters, 'job', name) }} class="row-link code">
      <bdi>{reveal(brief(name, 80))}</bdi>
    </Link>
  )
}

export function Jobs({ answer }: { answer: Answer<JobList> | undefined }): JSX.Element {
  const columns = jobColumns(answer?.at ?? 0)
  const names = answer?.value?.names
  return (
    <Panel
      name="jobs"
      title="Jobs"
      note={names?.length ? 'the most failed first' : undefined}
      busy={answer?.stale ?? true}
      copy={names?.length ? () => tableToMarkdown('Jobs', NAME_COLUMNS, names) : undefined}
    >
      <Answered answer={answer}>
        {({ items, names }) =>
          items.length === 0 ? (
            <Nothing>No job made an attempt in this window.</Nothing>
          ) : (
            <>
              <Table
                label="Jobs by name"
                columns={NAME_COLUMNS}
                rows={names}
                keyOf={({ task_name, queue }) => JSON.stringify([task_name, queue])}
                toneOf={({ failed }) => (failed > 0 ? 'row-bad' : undefined)}
              />
              <h3 class="sub">The newest</h3>
              <Table
                label="The newest jobs"
                columns={columns}
                rows={items}
                keyOf={({ queue, id, first_seen }) => JSON.stringify([queue, id, first_seen])}
                first={4}
              />
            </>
          )
        }
      </Answered>
    </Panel>
  )
}
