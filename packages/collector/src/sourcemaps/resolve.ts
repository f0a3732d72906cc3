import { originalPositionFor, sourceContentFor, type TraceMap } from '@jridgewell/trace-mapping'
import { type Frame, originOf } from '../grouping/frames.js'
import { lastName, looksMinified } from '../grouping/names.js'
import { type ShownFrame, type SourceLines, showFrame } from '../grouping/shown.js'
import { functionAt } from './functions.js'
import { segmentsOf } from './match.js'

/** Source lines shown before and behind the one that was called. */
const AROUND = 5
const LONGEST_SHOWN = 300

export interface Resolved {
  frame: Frame
  shown: ShownFrame
}

/** The lines of each source, split once for all frames of an event. */
export type Lines = Map<string, readonly string[]>

/** A frame in what its developers wrote; `undefined` where the map does not know its place. */
export function resolveFrame(frame: Frame, map: TraceMap, known: Lines): Resolved | undefined {
  if (frame.line < 1) return undefined
  const { source, line, column, name } = originalPositionFor(map, {
    line: frame.line,
    column: Math.max(0, frame.column - 1),
  })
  if (source === null || line === null) return undefined
  const place = { line, column: column + 1 }
  const lines = linesOf(map, source, known)
  const file = segmentsOf(source).join('/')
  const resolved: Frame = {
    ...frame,
    ...place,
    function:
      nameAt(frame, lines, place) ??
      (looksMinified(lastName(frame.function)) ? (name ?? '') : frame.function),
    file,
    origin: originOf(file),
    mapped: true,
  }
  const generated = { file: frame.file, line: frame.line, column: frame.column }
  const shown: ShownFrame = { ...showFrame(resolved), generated }
  if (shown.own && lines.length > 0) shown.source = around(lines, line)
  return { frame: resolved, shown }
}

interface Place {
  line: number
  column: number
}

/** What the source calls the function; a constructor is told by the class the engine has seen made. */
function nameAt(frame: Frame, lines: readonly string[], { line, column }: Place): string | undefined {
  const name = lines.length > 0 ? functionAt(lines, line, column) : undefined
  return name === undefined || name === '' ? name : `${frame.async ? 'async ' : ''}${name}`
}

/** The class of what was thrown at a place, for an error whose own name is a minifier's. */
export function thrownAt(frame: Frame, map: TraceMap, known: Lines): string | undefined {
  const { source, line, column } = originalPositionFor(map, {
    line: frame.line,
    column: Math.max(0, frame.column - 1),
  })
  if (source === null) return undefined
  const text = linesOf(map, source, known)[line - 1]?.slice(column, column + LONGEST_SHOWN) ?? ''
  return /^(?:throw\s+)?new\s+(?:[\w$]+\.)*([\w$]+)/.exec(text)?.[1]
}

function linesOf(map: TraceMap, source: string, known: Lines): readonly string[] {
  const seen = known.get(source)
  if (seen) return seen
  const lines = sourceContentFor(map, source)?.split('\n') ?? []
  known.set(source, lines)
  return lines
}

function around(lines: readonly string[], line: number): SourceLines {
  const start = Math.max(1, line - AROUND)
  const shown = lines
    .slice(start - 1, line + AROUND)
    .map(text => text.replace(/\r$/, '').slice(0, LONGEST_SHOWN))
  return { start, lines: shown.map(text => text.toWellFormed()) }
}
