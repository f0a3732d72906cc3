import type { JSX } from 'preact'
import { reveal } from '../text/hostile.js'
import { runsOf } from '../text/verdict.js'

interface ProseProps {
  text: string
  /** Names of things that it may speak of. */
  names: readonly string[]
}

/** A sentence of the collector, names and shares set apart. */
export function Prose({ text, names }: ProseProps): JSX.Element {
  return (
    <>
      {runsOf(reveal(text), names.map(reveal)).map(({ kind, text }, index) => {
        if (kind === 'text') return text
        return kind === 'share' ? (
          <strong key={index}>{text}</strong>
        ) : (
          <code key={index}>
            <bdi>{text}</bdi>
          </code>
        )
      })}
    </>
  )
}
