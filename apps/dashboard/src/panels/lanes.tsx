import type { JSX } from 'preact'
import type { Bucket, Queue } from '../data/answers.js'
import { failureRate, healthy, niceMax } from '../data/buckets.js'
import { brief, reveal } from '../text/hostile.js'
import { formatCount, formatRate, formatShort } from '../text/numbers.js'
import type { Scale } from './scale.js'

/** Anything that is there can be seen, however small beside the rest. */
const LEAST_HEIGHT = 1.5

export interface Lane {
  title: string
  aside?: string
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
  pick: (bucket: Bucket, index: number) => number | null,
  scale: Pick<Scale, 'x' | 'step'>,
  y: (value: number) => number,
): string {
  let path = ''
  let drawing = false
  for (const [index, bucket] of buckets.entries()) {
    const value = pick(bucket, index)
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

/** So many queues have a shade of their own; what is left of the failures has the last one. */
const SHADES = 3

function jobLane(buckets: readonly Bucket[], queues: readonly Queue[], filling: number): Lane {
  const shaded = queues.slice(0, SHADES)
  const rest = (bucket: Bucket) =>
    bucket.task_failures - shaded.reduce((sum, { failures }) => sum + (failures.get(bucket.at) ?? 0), 0)
  const names = queues.map(({ name, total }) => `${reveal(brief(name, 24))} ${formatCount(total)}`)
  return {
    title: 'Jobs failed for good',
    ...(names.length > 0 && { aside: `· ${names.slice(0, SHADES + 1).join(', ')}` }),
    height: 36,
    max: niceMax(
      most(buckets, bucket => bucket.task_failures),
      2,
    ),
    format: formatShort,
    draw: (scale, y) => (
      <Bars
        {...{ buckets, scale, y, filling }}
        stack={[
          ...shaded.map(
            ({ failures }, index) =>
              [`failed shade-${index}`, (bucket: Bucket) => failures.get(bucket.at) ?? 0] as const,
          ),
          [`failed shade-${SHADES}`, rest],
        ]}
      />
    ),
  }
}

/** The lanes that this window needs, top to bottom. */
export function createLanes(
  buckets: readonly Bucket[],
  ghost: readonly Bucket[] | null,
  queues: readonly Queue[],
  perStep: string,
  filling: number,
): Lane[] {
  const known = ghost?.some(bucket => bucket.requests > 0) ? ghost : null
  // Last week's figures stand under this week's moments.
  const past = (index: number) => known?.[index]?.requests ?? 0
  const highestRate = most(buckets, bucket => failureRate(bucket) ?? 0)
  const lanes: Lane[] = [
    {
      title: `Requests per ${perStep}`,
      ...(known && { aside: '· dashed: last week' }),
      height: 152,
      max: niceMax(
        Math.max(
          most(buckets, bucket => bucket.requests),
          ...buckets.map((_, index) => past(index)),
        ),
        4,
      ),
      format: formatShort,
      draw: (scale, y) => (
        <>
          <Bars
            {...{ buckets, scale, y, filling }}
            stack={[
              ['failed', bucket => bucket.failures],
              ['rejected', bucket => bucket.rejected],
              ['ok', healthy],
            ]}
          />
          {known && <path class="ghost" d={stepPath(buckets, (_, index) => past(index), scale, y)} />}
        </>
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
  ]
  if (buckets.some(bucket => bucket.task_failures > 0)) lanes.push(jobLane(buckets, queues, filling))
  lanes.push({
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
  })
  return lanes
}
