import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Bucket, Mark, Queue } from '../data/answers.js'
import type { Window } from '../data/window.js'
import { formatStep, timeTicks } from '../text/time.js'
import { useWidth } from '../use-width.js'
import { Cursor, type Pointing } from './cursor.js'
import { createLanes, type Lane } from './lanes.js'
import { Marks } from './marks.js'
import { createScale, type Scale } from './scale.js'

const TITLE = 24
const AXIS = 24
const TICK_ROOM = 76

/** Milliseconds since the epoch; `to` is null while it lasts. */
export interface Trouble {
  from: number
  to: number | null
  /** Nothing fails, there is only more than usual. */
  calm: boolean
}

interface ChartProps {
  buckets: readonly Bucket[]
  /** The same hours of last week, as far as they are known. */
  ghost: readonly Bucket[] | null
  queues: readonly Queue[]
  /** What the verdict speaks of. */
  trouble: Trouble | null
  step: number
  marks: readonly Mark[]
  /** The end of what is known: a bucket that lasts longer is still filling. */
  until: number
  pointing: Pointing
  onPoint(pointing: Pointing): void
  onZoom(window: Window): void
  onMark(mark: Mark): void
}

export function Chart(props: ChartProps): JSX.Element {
  const { buckets, ghost, queues, trouble, step, marks, until, pointing, onPoint, onZoom, onMark } = props
  const [box, width] = useWidth<HTMLDivElement>()
  const lanes = useMemo(
    () => createLanes(buckets, ghost, queues, formatStep(step), until - step),
    [buckets, ghost, queues, step, until],
  )
  const scale = createScale(buckets, step, width)
  const height = lanes.reduce((sum, lane) => sum + TITLE + lane.height, 0)
  const shared = { scale, height }
  return (
    <div class="chart" ref={box}>
      {width > 0 && (
        <>
          <Marks {...{ marks, scale, onPoint, onMark }} />
          <div class="plot">
            <svg width={width} height={height + AXIS} aria-hidden="true">
              {trouble && <Span {...shared} trouble={trouble} />}
              <Lanes {...shared} lanes={lanes} />
              {trouble && <Onset {...shared} trouble={trouble} />}
              {marks.map(mark => (
                <line
                  key={`${mark.release} ${mark.at}`}
                  class="mark-line"
                  x1={scale.x(mark.at)}
                  x2={scale.x(mark.at)}
                  y1={0}
                  y2={height}
                />
              ))}
              <Crosshair {...shared} pointing={pointing} />
              <TimeAxis {...shared} />
            </svg>
            <Cursor {...{ buckets, scale, pointing, onPoint, onZoom }} />
          </div>
        </>
      )}
    </div>
  )
}

function Lanes({ lanes, scale }: { lanes: readonly Lane[]; scale: Scale }): JSX.Element {
  let top = 0
  return (
    <>
      {lanes.map(lane => {
        const floor = top + TITLE + lane.height
        top = floor
        const y = (value: number) => floor - (Math.min(value, lane.max) / lane.max) * lane.height
        const lines = lane.height < 100 ? [lane.max] : [lane.max / 2, lane.max].filter(Number.isInteger)
        return (
          <g key={lane.title}>
            <text class="lane-title" x={scale.left} y={floor - lane.height - 8}>
              {lane.title}
              {lane.aside && <tspan class="lane-aside"> {lane.aside}</tspan>}
            </text>
            {lines.map(value => (
              <g key={value}>
                <line class="grid" x1={scale.left} x2={scale.right} y1={y(value)} y2={y(value)} />
                <text class="axis" x={scale.left - 8} y={y(value) + 4} text-anchor="end">
                  {lane.format(value)}
                </text>
              </g>
            ))}
            {lane.draw(scale, y)}
            <line class="floor" x1={scale.left} x2={scale.right} y1={floor} y2={floor} />
          </g>
        )
      })}
    </>
  )
}

interface TroubleProps {
  scale: Scale
  height: number
  trouble: Trouble
}

/** The time of the trouble, behind the lanes. */
function Span({ scale, height, trouble }: TroubleProps): JSX.Element | null {
  const to = Math.min(trouble.to ?? scale.to, scale.to)
  const from = Math.max(trouble.from, scale.from)
  if (from >= to) return null
  const name = trouble.calm ? 'onset onset-calm' : 'onset'
  return <rect class={name} x={scale.x(from)} y={0} width={scale.x(to) - scale.x(from)} height={height} />
}

/** The moment that it began, before them. */
function Onset({ scale, height, trouble }: TroubleProps): JSX.Element | null {
  if (trouble.from < scale.from || trouble.from >= scale.to) return null
  const x = scale.x(trouble.from)
  const name = trouble.calm ? 'onset-line onset-calm' : 'onset-line'
  return <line class={name} x1={x} x2={x} y1={0} y2={height} />
}

function TimeAxis({ scale, height }: { scale: Scale; height: number }): JSX.Element {
  const ticks = timeTicks(scale.from, scale.to, Math.max((scale.right - scale.left) / TICK_ROOM, 2))
  return (
    <>
      <text class="axis" x={scale.left - 8} y={height + 18} text-anchor="end">
        UTC
      </text>
      {ticks.map(({ at, label }) => {
        const x = scale.x(at)
        const anchor = x < scale.left + 20 ? 'start' : x > scale.right - 20 ? 'end' : 'middle'
        return (
          <g key={at}>
            <line class="floor" x1={x} x2={x} y1={height} y2={height + 4} />
            <text class="axis" x={x} y={height + 18} text-anchor={anchor}>
              {label}
            </text>
          </g>
        )
      })}
    </>
  )
}

interface CrosshairProps {
  scale: Scale
  height: number
  pointing: Pointing
}

function Crosshair({ scale, height, pointing }: CrosshairProps): JSX.Element | null {
  const { cursor, anchor } = pointing
  if (cursor === null) return null
  const x = scale.x(Math.min(cursor, anchor ?? cursor))
  const end = scale.x(Math.max(cursor, anchor ?? cursor) + scale.step)
  return (
    <rect class={anchor === null ? 'crosshair' : 'selection'} x={x} y={0} width={end - x} height={height} />
  )
}
