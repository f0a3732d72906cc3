import type { JSX } from 'preact'
import type { Link } from '../data/fault.js'
import { plural } from '../text/numbers.js'
import { type Frame, type Part, readTraceback } from '../text/traceback.js'

/** One error with its stack: own frames stand out, runs of library frames are folded. */
export function Traceback({ link }: { link: Link }): JSX.Element {
  const parts = readTraceback(link.traceback || `${link.type}: ${link.message}`)
  return (
    <div class="traceback">
      {parts.map((part, index) => (
        <PartView key={index} part={part} />
      ))}
    </div>
  )
}

function PartView({ part }: { part: Part }): JSX.Element {
  if (part.kind === 'text') return <p class="traceback-text">{part.text}</p>
  if (part.kind === 'own')
    return (
      <p class="frame frame-own">
        <FrameView frame={part.frame} />
      </p>
    )
  return (
    <details class="library">
      <summary class="library-head">
        {plural(part.frames.length, 'frame')} of <bdi>{part.libraries.join(', ')}</bdi>
      </summary>
      {part.frames.map((frame, index) => (
        <p key={index} class="frame">
          <FrameView frame={frame} />
        </p>
      ))}
    </details>
  )
}

function FrameView({ frame }: { frame: Frame }): JSX.Element {
  return (
    <>
      <bdi class="frame-call">{frame.call ?? '(top level)'}</bdi> <bdi class="frame-place">{frame.place}</bdi>
    </>
  )
}
