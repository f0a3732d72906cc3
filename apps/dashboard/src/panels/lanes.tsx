import type { JSX } from 'preact'
import type { Bucket } from '../data/answers.js'
import { failureRate, healthy, niceMax } from '../data/buckets.js'
import { formatRate, formatShort } from '../text/numbers.js'
import type { Scale } from './scale.js'

/** Anything that is there can be seen, however small beside the rest. */
const LEAST_HEIGHT = 1.5

export interface Lane {
  title: string
  /** Of the plot; the title stands above it. */
  height: number
  max: number
  format(value: number): string
  draw(scale: Scale, y: (value: number) => number): JSX.Element
}

interface BarsProps {
  buckets: readonly Bucket[]
  /** Stacked from the axis up. */
  stack: readonly (readonly [name: string, pick: (bucket: Bucket) => number])[]
  scale: Scale
  y(value: number): number
  /** The bucket that is still filling begins here. */
  filling: number
}

function Bars({ buckets, stack, scale, y, filling }: BarsProps): JSX.Element {
  const floor = y(0)
  return (
    <g>
      {buckets.map(bucket => {
        let top = floor
        return (
          <g key={bucket.at} class={bucket.at >= filling ? 'filling' : undefined}>
            {stack.map(([name, pick]) => {
              const value = pick(bucket)
              if (value <= 0) return null
              const height = Math.max(floor - y(value), LEAST_HEIGHT)
              top -= height
              return (
                <rect
                  key={name}
                  class={name}
                  x={scale.x(bucket.at)}
                  y={top}
                  width={scale.bar}
                  height={height}
                />
              )
            })}
          </g>
        )
      })}
    </g>
  )
}

/** A stepped line over the buckets that have a value; a gap where they have none. */
function stepPath(
  buckets: readonly Bucket[],
  pick: (bucket: Bucket) => number | null,
  scale: Pick<Scale, 'x' | 'step'>,
  y: (value: number) => number,
): string {
  let path = ''
  let drawing = false
  for (const bucket of buckets) {
    const value = pick(bucket)
    if (value !== null) {
      const height = y(value).toFixed(1)
      path += `${drawing ? 'L' : 'M'}${scale.x(bucket.at).toFixed(1)} ${height}H${scale.x(bucket.at + scale.step).toFixed(1)}`
    }
    drawing = value !== null
  }
  return path
}

function most(buckets: readonly Bucket[], pick: (bucket: Bucket) => number): number {
  return buckets.reduce((max, bucket) => Math.max(max, pick(bucket)), 0)
}

/** The lanes that this window needs, top to bottom. */
export function createLanes(buckets: readonly Bucket[], perStep: string, filling: number): Lane[] {
  const highestRate = most(buckets, bucket => failureRate(bucket) ?? 0)
  const lanes: Lane[] = [
    {
      title: `Requests per ${perStep}`,
      height: 168,
      max: niceMax(
        most(buckets, bucket => bucket.requests),
        4,
      ),
      format: formatShort,
      draw: (scale, y) => (
        <Bars
          {...{ buckets, scale, y, filling }}
          stack={[
            ['failed', bucket => bucket.failures],
            ['rejected', bucket => bucket.rejected],
            ['ok', healthy],
          ]}
        />
      ),
    },
    {
      title: 'Failure rate',
      height: 48,
      max: Math.min(niceMax(highestRate, 0.01), 1),
      format: formatRate,
      draw: (scale, y) => (
        <>
          <Bars
            {...{ buckets, scale, y, filling }}
            stack={[['rate-area', bucket => failureRate(bucket) ?? 0]]}
          />
          <path class="rate" d={stepPath(buckets, failureRate, scale, y)} />
        </>
      ),
    },
    {
      title: 'Page openings and visitors',
      height: 48,
      max: niceMax(
        most(buckets, bucket => Math.max(bucket.pageviews, bucket.visitors)),
        4,
      ),
      format: formatShort,
      draw: (scale, y) => {
        const line = stepPath(buckets, bucket => bucket.visitors || null, scale, y)
        return (
          <>
            <Bars {...{ buckets, scale, y, filling }} stack={[['opened', bucket => bucket.pageviews]]} />
            <path class="halo" d={line} />
            <path class="visitors" d={line} />
          </>
        )
      },
    },
  ]
  if (buckets.some(bucket => bucket.task_failures > 0))
    lanes.push({
      title: 'Jobs failed for good',
      height: 36,
      max: niceMax(
        most(buckets, bucket => bucket.task_failures),
        2,
      ),
      format: formatShort,
      draw: (scale, y) => (
        <Bars {...{ buckets, scale, y, filling }} stack={[['failed', bucket => bucket.task_failures]]} />
      ),
    })
  return lanes
}
