import type { AnalyticsEvent } from '@justanalytics/core/event'
import { type Frame, parseFrames } from './frames.js'

/** Lines of a source around the one that was called. */
export interface SourceLines {
  /** The number of the first of them. */
  start: number
  lines: string[]
}

/** A frame as answers show it. */
export interface ShownFrame {
  /** `null` for a function without a name. */
  function: string | null
  file: string
  line: number | null
  column: number | null
  /** Of the application, not of a package or the engine. */
  own: boolean
  /** Of an own frame whose source map holds its source. */
  source?: SourceLines
  /** Where a source map led from. */
  generated?: { file: string; line: number; column: number }
}

export interface ShownCause {
  exception_type: string
  exception_message: string
  frames: ShownFrame[]
}

/** The frames of an error and of its causes, the innermost first. */
export interface ShownFrames {
  frames: ShownFrame[]
  causes: ShownCause[]
}

export function showFrame(frame: Frame): ShownFrame {
  return {
    function: frame.function || null,
    file: frame.file,
    line: frame.line || null,
    column: frame.column || null,
    own: frame.origin === 'own',
  }
}

interface Facts {
  exception_type?: string
  exception_message?: string
  traceback?: string
  causes?: Facts[]
}

/**
 * @param resolved the row's `frames`: those of the error and of each cause where a source map had a
 *   part in them; '' where none had
 */
export function readFrames(event: AnalyticsEvent, resolved: string): ShownFrames {
  // The event's properties were checked when it came in.
  const facts = event.properties as Facts
  const stored = resolved === '' ? [] : (JSON.parse(resolved) as ShownFrame[][])
  const frames = (of: Facts, index: number) => stored[index] ?? parseFrames(of.traceback ?? '').map(showFrame)
  return {
    frames: frames(facts, 0),
    causes: (facts.causes ?? []).map((cause, index) => ({
      exception_type: cause.exception_type ?? 'Error',
      exception_message: cause.exception_message ?? '',
      frames: frames(cause, index + 1),
    })),
  }
}
