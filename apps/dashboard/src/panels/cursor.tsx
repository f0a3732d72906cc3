import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import type { Bucket } from '../data/answers.js'
import { bucketIndex, failureRate } from '../data/buckets.js'
import type { Window } from '../data/window.js'
import { formatRate, plural } from '../text/numbers.js'
import { formatSpan } from '../text/time.js'
import type { Scale } from './scale.js'

/** What is pointed at, as the starts of buckets. */
export interface Pointing {
  cursor: number | null
  /** The other end of a selection. */
  anchor: number | null
}

export const NOWHERE: Pointing = { cursor: null, anchor: null }

interface CursorProps {
  buckets: readonly Bucket[]
  scale: Scale
  pointing: Pointing
  onPoint(pointing: Pointing): void
  onZoom(window: Window): void
}

/** Buckets before and after the one that is zoomed into alone. */
const AROUND = 2

/** The window a selection means; null where nothing but a moment is pointed at. */
function selected({ cursor, anchor }: Pointing, step: number): Window | null {
  if (cursor === null || anchor === null || cursor === anchor) return null
  return { from: Math.min(cursor, anchor), to: Math.max(cursor, anchor) + step }
}

function describe(bucket: Bucket, { cursor, anchor }: Pointing, step: number): string {
  const selection = selected({ cursor, anchor }, step)
  if (selection) return `${formatSpan(selection.from, selection.to, step)} selected, Enter zooms in`
  const parts = [
    formatSpan(bucket.at, bucket.at + step, step),
    plural(bucket.requests, 'request'),
    `${bucket.failures} failed (${formatRate(failureRate(bucket))})`,
    `${bucket.rejected} answered 4xx`,
    plural(bucket.pageviews, 'page opening'),
    plural(bucket.visitors, 'visitor'),
  ]
  if (bucket.task_failures > 0) parts.push(plural(bucket.task_failures, 'failed job'))
  return parts.join(', ')
}

/** A slider over the whole plot: pointer or keys move it, drag or Shift selects, and that zooms. */
export function Cursor({ buckets, scale, pointing, onPoint, onZoom }: CursorProps): JSX.Element {
  const dragging = useRef(false)
  const last = buckets.length - 1
  const index = pointing.cursor === null ? last : bucketIndex(buckets, scale.step, pointing.cursor)
  const startOf = (at: number) => buckets[bucketIndex(buckets, scale.step, at)]?.at ?? null

  const pointed = (event: PointerEvent & { currentTarget: HTMLElement }) =>
    startOf(scale.at(event.clientX - event.currentTarget.getBoundingClientRect().left + scale.left))

  const zoomTo = (where: Pointing) => {
    const at = where.cursor
    if (at === null) return
    const { step } = scale
    onPoint(NOWHERE)
    onZoom(selected(where, step) ?? { from: at - AROUND * step, to: at + (1 + AROUND) * step })
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const leap = Math.max(Math.round(buckets.length / 10), 2)
    const moves: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      PageDown: index - leap,
      PageUp: index + leap,
      Home: 0,
      End: last,
    }
    const move = moves[event.key]
    if (move !== undefined) {
      const here = buckets[index]?.at ?? null
      const cursor = buckets[Math.min(Math.max(move, 0), last)]?.at ?? null
      onPoint({ cursor, anchor: event.shiftKey ? (pointing.anchor ?? here) : null })
    } else if (event.key === 'Enter') zoomTo(pointing)
    else if (event.key === 'Escape') onPoint(NOWHERE)
    else return
    event.preventDefault()
  }

  const bucket = buckets[index]
  return (
    <div
      class="cursor"
      role="slider"
      tabIndex={0}
      aria-label="Moment. Arrow keys move, Shift and arrow keys select, Enter zooms in, Escape lets go."
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={index}
      aria-valuetext={bucket && describe(bucket, pointing, scale.step)}
      onKeyDown={onKeyDown}
      onFocus={() => pointing.cursor === null && onPoint({ cursor: buckets[last]?.at ?? null, anchor: null })}
      onBlur={() => onPoint(NOWHERE)}
      onPointerDown={event => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        dragging.current = true
        const at = pointed(event)
        onPoint({ cursor: at, anchor: at })
      }}
      onPointerMove={event =>
        onPoint({ cursor: pointed(event), anchor: dragging.current ? pointing.anchor : null })
      }
      onPointerUp={event => {
        if (!dragging.current) return
        dragging.current = false
        const where = { cursor: pointed(event), anchor: pointing.anchor }
        // A finger that taps wants to read; it zooms by dragging.
        if (event.pointerType !== 'touch' || selected(where, scale.step)) zoomTo(where)
        else onPoint({ cursor: where.cursor, anchor: null })
      }}
      onPointerCancel={() => {
        dragging.current = false
        onPoint(NOWHERE)
      }}
      onPointerLeave={() => !dragging.current && onPoint(NOWHERE)}
    />
  )
}
