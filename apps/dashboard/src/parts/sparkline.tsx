import type { JSX } from 'preact'

const WIDTH = 96
const HEIGHT = 20

/** Counts of equal steps as bars; the row's figures say the same in numbers. */
export function Sparkline({ counts }: { counts: readonly number[] }): JSX.Element {
  const most = Math.max(1, ...counts)
  const slot = WIDTH / Math.max(counts.length, 1)
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="floor" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      {counts.map((count, index) => {
        const height = count > 0 ? Math.max((count / most) * (HEIGHT - 2), 1.5) : 0
        return (
          <rect
            key={index}
            x={index * slot}
            y={HEIGHT - 1 - height}
            width={Math.max(slot - 1, 0.5)}
            height={height}
          />
        )
      })}
    </svg>
  )
}
