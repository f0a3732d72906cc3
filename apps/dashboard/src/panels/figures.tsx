import type { JSX } from 'preact'
import { type Figures as Counts, failureRate } from '../data/buckets.js'
import { formatCount, formatRate } from '../text/numbers.js'

interface FiguresProps {
  figures: Counts
  /** Of several buckets: visitors are then the busiest one's. */
  several: boolean
  jobs: boolean
}

/** The legend and, at once, the figures of the window or of the moment pointed at. */
export function Figures({ figures, several, jobs }: FiguresProps): JSX.Element {
  const { requests, failures, rejected, pageviews, visitors, task_failures } = figures
  return (
    <dl class="figures">
      <Figure name="ok" label="Requests" value={formatCount(requests)} />
      <Figure
        name="failed"
        label="Failed"
        value={formatCount(failures)}
        aside={formatRate(failureRate(figures))}
        alarming={failures > 0}
      />
      <Figure name="rejected" label="4xx" value={formatCount(rejected)} />
      <Figure name="opened" label="Page openings" value={formatCount(pageviews)} />
      <Figure
        name="visitors"
        label="Visitors"
        value={formatCount(visitors)}
        aside={several ? 'at peak' : null}
      />
      {jobs && (
        <Figure
          name="failed"
          label="Failed jobs"
          value={formatCount(task_failures)}
          alarming={task_failures > 0}
        />
      )}
    </dl>
  )
}

interface FigureProps {
  name: string
  label: string
  value: string
  aside?: string | null
  alarming?: boolean
}

function Figure({ name, label, value, aside, alarming = false }: FigureProps): JSX.Element {
  return (
    <div class={alarming ? 'figure alarming' : 'figure'}>
      <dt>
        <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
          {name === 'visitors' ? (
            <path class={name} d="M0 5H10" />
          ) : (
            <rect class={name} width="10" height="10" />
          )}
        </svg>
        {label}
      </dt>
      <dd>
        {value}
        {aside && <small> {aside}</small>}
      </dd>
    </div>
  )
}
