import type { JSX } from 'preact'
import type { Bucket, Mark, Series } from '../data/answers.js'
import { failureRate, fillBuckets } from '../data/buckets.js'
import type { Window } from '../data/window.js'
import { reveal } from '../text/hostile.js'
import { tableToMarkdown } from '../text/markdown.js'
import { formatCount, formatRate } from '../text/numbers.js'
import { formatMoment, formatStep } from '../text/time.js'

interface FiguresTableProps {
  buckets: readonly Bucket[]
  step: number
  marks: readonly Mark[]
  label: string
}

/** The chart's figures, newest first, without the steps in which nothing happened. */
export function FiguresTable({ buckets, step, marks, label }: FiguresTableProps): JSX.Element {
  const released = (bucket: Bucket) =>
    marks.filter(mark => mark.at >= bucket.at && mark.at < bucket.at + step).map(mark => mark.release)
  const rows = buckets
    .map(bucket => ({ bucket, releases: released(bucket) }))
    .filter(({ bucket, releases }) => bucket.requests + bucket.task_failures + releases.length > 0)
    .reverse()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table" tabIndex={0} aria-label={label}>
      <table>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Requests</th>
            <th scope="col">Failed</th>
            <th scope="col">Failure rate</th>
            <th scope="col">4xx</th>
            <th scope="col">Page openings</th>
            <th scope="col">Visitors</th>
            <th scope="col">Failed jobs</th>
            <th scope="col">Releases</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ bucket, releases }) => (
            <tr key={bucket.at} class={bucket.failures > 0 ? 'row-failed' : undefined}>
              <th scope="row">{formatMoment(bucket.at, step)}</th>
              <td>{formatCount(bucket.requests)}</td>
              <td>{formatCount(bucket.failures)}</td>
              <td>{formatRate(failureRate(bucket))}</td>
              <td>{formatCount(bucket.rejected)}</td>
              <td>{formatCount(bucket.pageviews)}</td>
              <td>{formatCount(bucket.visitors)}</td>
              <td>{formatCount(bucket.task_failures)}</td>
              <td>{releases.map(reveal).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="quiet">Nothing happened in this window.</p>}
    </section>
  )
}

export function figuresToMarkdown(series: Series, window: Window): string {
  const rows = fillBuckets(series, window).filter(
    ({ requests, task_failures }) => requests + task_failures > 0,
  )
  return tableToMarkdown(
    'Traffic and errors',
    [
      { title: `Per ${formatStep(series.stepMs)}`, text: ({ at }) => new Date(at).toISOString() },
      { title: 'Requests', figure: true, text: ({ requests }) => formatCount(requests) },
      { title: 'Failed', figure: true, text: ({ failures }) => formatCount(failures) },
      { title: 'Failure rate', figure: true, text: bucket => formatRate(failureRate(bucket)) },
      { title: '4xx', figure: true, text: ({ rejected }) => formatCount(rejected) },
      { title: 'Page openings', figure: true, text: ({ pageviews }) => formatCount(pageviews) },
      { title: 'Failed jobs', figure: true, text: ({ task_failures }) => formatCount(task_failures) },
    ],
    rows,
  )
}
