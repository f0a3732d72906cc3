import type { JSX } from 'preact'
import type { Mark } from '../data/answers.js'
import { type PlacedMark, placeMarks } from '../data/buckets.js'
import { brief, reveal } from '../text/hostile.js'
import { formatMoment } from '../text/time.js'
import { NOWHERE, type Pointing } from './cursor.js'
import type { Scale } from './scale.js'

/** No closer together than a finger can tell. */
const APART = 26
/** A generous guess at a character of a label, and what is around them. */
const CHARACTER = 7.5
const AROUND = 18

interface MarksProps {
  marks: readonly Mark[]
  scale: Scale
  onPoint(pointing: Pointing): void
  onMark(mark: Mark): void
}

function nameOf(mark: Mark): string {
  // A full commit hash says no more than its first seven digits.
  return reveal(brief(/^[0-9a-f]{40}$/.test(mark.release) ? mark.release.slice(0, 7) : mark.release, 200))
}

function widthOf(marks: readonly Mark[]): number {
  const last = marks.at(-1)
  const more = marks.length > 1 ? 4 : 0
  return last ? (nameOf(last).length + more) * CHARACTER + AROUND : 0
}

function whereAndWhen(mark: Mark): string {
  const where = mark.environment ? ` in ${reveal(brief(mark.environment, 60))}` : ''
  return `${where}, ${formatMoment(mark.at)}`
}

/** What the label leaves unsaid: where and when that was, and the releases under it. */
function describe(marks: PlacedMark['marks']): string {
  const [newest, ...others] = marks.toReversed()
  return [newest && whereAndWhen(newest), ...others.map(mark => `${nameOf(mark)}${whereAndWhen(mark)}`)].join(
    ' and ',
  )
}

/** The strip of release labels above the lanes. */
export function Marks({ marks, scale, onPoint, onMark }: MarksProps): JSX.Element {
  return (
    <ul class="marks" aria-label="Releases">
      {placeMarks(marks, scale.x, scale.right, APART, widthOf).map(({ x, side, room, marks: under }) => {
        const mark = under.at(-1) ?? under[0]
        const more = under.length - 1
        const point = () => onPoint({ cursor: mark.at - ((mark.at - scale.from) % scale.step), anchor: null })
        const place = side === 'left' ? { right: `${scale.right - x}px` } : { left: `${x}px` }
        return (
          <li
            key={`${mark.release} ${mark.at}`}
            class={`on-the-${side}`}
            style={{ ...place, '--room': `${room - 2}px` }}
          >
            <button
              type="button"
              class="mark"
              onClick={() => onMark(mark)}
              onFocus={point}
              onBlur={() => onPoint(NOWHERE)}
              onPointerEnter={point}
              onPointerLeave={() => onPoint(NOWHERE)}
            >
              <span class="unseen">Show the time since release </span>
              <bdi>{nameOf(mark)}</bdi>
              {more > 0 && <span class="mark-more">+{more}</span>}
              <span class="unseen">{describe(under)}</span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
