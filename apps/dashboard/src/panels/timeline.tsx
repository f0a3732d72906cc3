import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Series } from '../data/answers.js'
import { bucketIndex, fillBuckets, summarise } from '../data/buckets.js'
import type { Answer } from '../data/feed.js'
import type { Verdict } from '../data/shapes.js'
import { LONGEST, type Window, zoom } from '../data/window.js'
import { Answered, Panel } from '../parts/panel.js'
import { usePlace } from '../place.js'
import { formatLocalSpan, formatSpan, formatStep } from '../text/time.js'
import { Chart, type Trouble } from './chart.js'
import { NOWHERE, type Pointing } from './cursor.js'
import { Figures } from './figures.js'
import { FiguresTable, figuresToMarkdown } from './figures-table.js'

interface TimelineProps {
  answer: Answer<Series> | undefined
  /** The same hours a week before. */
  before: Answer<Series> | undefined
  verdict: Verdict | null
}

const WEEK = LONGEST

/** When the verdict's trouble began, and when it ended if it did. */
function troubleOf(verdict: Verdict | null): Trouble | null {
  if (!verdict?.onset) return null
  return {
    from: Date.parse(verdict.onset),
    to: verdict.recovered_at ? Date.parse(verdict.recovered_at) : null,
    calm: verdict.state === 'traffic_up',
  }
}

export function Timeline({ answer, before, verdict }: TimelineProps): JSX.Element {
  const { view, go } = usePlace()
  const widest = answer !== undefined && answer.window.to - answer.window.from >= LONGEST
  const show = (next: Window) =>
    go({ from: next.from, to: next.to >= (answer?.at ?? Number.POSITIVE_INFINITY) ? null : next.to })
  const zoomOut = () => {
    if (!answer) return
    const { window, at } = answer
    show(zoom(window, (window.from + window.to) / 2, 2, at))
  }
  return (
    <Panel
      name="timeline"
      title="Traffic and errors"
      busy={answer?.stale ?? true}
      copy={answer?.value ? () => figuresToMarkdown(answer.value as Series, answer.window) : undefined}
      tools={
        <>
          <button type="button" onClick={zoomOut} disabled={!answer || widest}>
            Zoom out
          </button>
          <button type="button" aria-pressed={view.table} onClick={() => go({ table: !view.table })}>
            Figures as a table
          </button>
        </>
      }
    >
      <Answered answer={answer}>
        {series =>
          answer && (
            <Lanes
              series={series}
              window={answer.window}
              before={before?.value ?? null}
              trouble={troubleOf(verdict)}
              onShow={show}
            />
          )
        }
      </Answered>
    </Panel>
  )
}

interface LanesProps {
  series: Series
  window: Window
  before: Series | null
  trouble: Trouble | null
  onShow(window: Window): void
}

function Lanes({ series, window, before, trouble, onShow }: LanesProps): JSX.Element {
  const { view, go } = usePlace()
  const step = series.stepMs
  const [pointing, onPoint] = useState<Pointing>(NOWHERE)
  const buckets = useMemo(() => fillBuckets(series, window), [series, window])
  const ghost = useMemo(
    () => before && fillBuckets(before, { from: window.from - WEEK, to: window.to - WEEK }),
    [before, window],
  )
  const marks = series.marks.filter(mark => mark.at >= (buckets[0]?.at ?? 0) && mark.at <= window.to)

  const { cursor, anchor } = pointing
  const low = cursor === null ? 0 : bucketIndex(buckets, step, Math.min(cursor, anchor ?? cursor))
  const high =
    cursor === null ? buckets.length - 1 : bucketIndex(buckets, step, Math.max(cursor, anchor ?? cursor))
  const shown = buckets.slice(low, high + 1)
  const first = cursor === null ? window.from : (shown[0]?.at ?? 0)
  const end = cursor === null ? window.to : (shown.at(-1)?.at ?? 0) + step
  const total = summarise(buckets)

  return (
    <>
      <p class="span">
        {formatSpan(first, end, step)} <span class="quiet">{formatLocalSpan(first, end, step)}</span>
      </p>
      <Figures
        figures={cursor === null ? total : summarise(shown)}
        several={shown.length > 1}
        jobs={total.task_failures > 0}
      />
      {view.table ? (
        <FiguresTable
          {...{ buckets, step, marks }}
          label={`Traffic and errors per ${formatStep(step)}, ${formatSpan(window.from, window.to, step)}`}
        />
      ) : (
        <>
          <Chart
            {...{ buckets, ghost, step, marks, trouble, pointing, onPoint }}
            queues={series.queues}
            until={window.to}
            onZoom={onShow}
            onMark={mark => go({ from: mark.at, to: null })}
          />
          <p class="quiet hint">
            {total.requests === 0
              ? 'No requests in this window.'
              : 'Click a bar or drag over some to zoom in. With the keyboard: arrow keys move, Shift and arrow keys select, Enter zooms.'}
          </p>
        </>
      )}
    </>
  )
}
