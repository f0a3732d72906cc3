import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { bucketIndex, fillBuckets, summarise } from '../data/buckets.js'
import type { Snapshot } from '../data/feed.js'
import { RANGES, type View, type Window, zoom } from '../data/view.js'
import { formatSpan, formatStep, timeZone } from '../text/time.js'
import type { Go } from '../use-view.js'
import { Chart } from './chart.js'
import { NOWHERE, type Pointing } from './cursor.js'
import { Figures } from './figures.js'
import { FiguresTable } from './figures-table.js'

interface TimelineProps {
  snapshot: Snapshot
  view: View
  go: Go
}

export function Timeline({ snapshot, view, go }: TimelineProps): JSX.Element {
  const { series, window, at: now } = snapshot
  const step = series.stepMs
  const [pointing, onPoint] = useState<Pointing>(NOWHERE)
  const buckets = useMemo(() => fillBuckets(series, window), [series, window])
  const marks = series.marks.filter(mark => mark.at >= (buckets[0]?.at ?? 0) && mark.at <= window.to)

  const { cursor, anchor } = pointing
  const low = cursor === null ? 0 : bucketIndex(buckets, step, Math.min(cursor, anchor ?? cursor))
  const high =
    cursor === null ? buckets.length - 1 : bucketIndex(buckets, step, Math.max(cursor, anchor ?? cursor))
  const shown = buckets.slice(low, high + 1)
  const first = cursor === null ? window.from : (shown[0]?.at ?? 0)
  const end = cursor === null ? window.to : (shown.at(-1)?.at ?? 0) + step
  const total = summarise(buckets)

  const show = (next: Window) => go({ from: next.from, to: next.to >= now ? null : next.to })
  const zoomOut = () => show(zoom(window, (window.from + window.to) / 2, 2, now))
  const widest = window.to - window.from >= (RANGES['7d'] ?? 0)

  return (
    <section class="panel timeline" aria-labelledby="timeline-title">
      <div class="panel-head">
        <div>
          <h2 id="timeline-title">Traffic and errors</h2>
          <p class="span">
            {formatSpan(first, end, step)} <span class="quiet">{timeZone(now)}</span>
          </p>
        </div>
        <div class="panel-tools">
          <button type="button" onClick={zoomOut} disabled={widest}>
            Zoom out
          </button>
          <button type="button" aria-pressed={view.table} onClick={() => go({ table: !view.table })}>
            Figures as a table
          </button>
        </div>
      </div>
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
            {...{ buckets, step, marks, pointing, onPoint }}
            until={window.to}
            onZoom={show}
            onMark={mark => go({ from: mark.at, to: null })}
          />
          <p class="quiet hint">
            {total.requests === 0
              ? 'No requests in this window.'
              : 'Drag to zoom. With the keyboard: arrow keys move, Shift and arrow keys select, Enter zooms.'}
          </p>
        </>
      )}
    </section>
  )
}
