import type { JSX } from 'preact'
import type { Link } from '../data/fault.js'
import type { SourceFrame } from '../data/shapes.js'
import { reveal } from '../text/hostile.js'
import { plural } from '../text/numbers.js'
import { type Frame, foldFrames, type Part, readTraceback } from '../text/traceback.js'

interface TracebackProps {
  link: Link
  /** The same stack as the collector took it apart, source lines with it. */
  frames?: readonly SourceFrame[] | undefined
}

/** One error with its stack: own frames stand out, runs of library frames are folded. */
export function Traceback({ link, frames }: TracebackProps): JSX.Element {
  const head = `${link.type}: ${link.message}`
  const parts: Part[] = frames?.length
    ? [{ kind: 'text', text: head }, ...foldFrames(frames)]
    : readTraceback(link.traceback || head)
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
      <div class="frame frame-own">
        <FrameView frame={part.frame} />
        {part.frame.source && <Source source={part.frame.source} />}
      </div>
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

function Source({ source }: { source: NonNullable<Frame['source']> }): JSX.Element {
  return (
    <pre class="source">
      {source.lines.map((line, index) => {
        const number = source.start + index
        return (
          <span key={number} class={number === source.line ? 'source-line source-hit' : 'source-line'}>
            <span class="source-number">{number}</span>
            <bdi>{reveal(line)}</bdi>
            {'\n'}
          </span>
        )
      })}
    </pre>
  )
}
