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
  /** Of the source; none where the map does not hold it. */
  lines: readonly string[]
}

/** The lines of each source, split once for all frames of an event. */
export type Lines = Map<string, readonly string[]>

/** A frame that stands in a source already: its place stays as it is, its name and its lines are the source's. */
export function readSource(frame: Frame, source: string, map: TraceMap, known: Lines): Resolved {
  const lines = linesOf(map, map.resolvedSources[map.sources.indexOf(source)] ?? source, known)
  return describe({ ...frame, mapped: true, function: nameAt(frame, lines, frame) }, lines)
}

/** A frame in what its developers wrote; `undefined` where the map does not know its place. */
export function resolveFrame(frame: Frame, map: TraceMap, known: Lines): Resolved | undefined {
  if (frame.line < 1) return undefined
  const found = originalPositionFor(map, { line: frame.line, column: Math.max(0, frame.column - 1) })
  if (found.source === null) return undefined
  const lines = linesOf(map, found.source, known)
  const place = { line: found.line, column: found.column + 1 }
  const file = segmentsOf(found.source).join('/')
  const name = nameAt(frame, lines, place)
  const resolved = describe(
    { ...frame, ...place, function: name, file, origin: originOf(file), mapped: true },
    lines,
  )
  resolved.shown.generated = { file: frame.file, line: frame.line, column: frame.column }
  return resolved
}

function describe(frame: Frame, lines: readonly string[]): Resolved {
  const shown = showFrame(frame)
  if (shown.own && lines.length > 0) shown.source = around(lines, frame.line)
  return { frame, shown, lines }
}

interface Place {
  line: number
  column: number
}

/** What the source calls the function, else the engine, as long as that is no minifier's name. */
function nameAt(frame: Frame, lines: readonly string[], { line, column }: Place): string {
  const name = functionAt(lines, line, column)
  if (name === undefined) return looksMinified(lastName(frame.function)) ? '' : frame.function
  return name !== '' && frame.async ? `async ${name}` : name
}

/** The class of what was thrown at a frame's place, for an error whose own name is a minifier's. */
export function thrownAt({ frame, lines }: Resolved): string | undefined {
  const text = (lines[frame.line - 1] ?? '').slice(Math.max(0, frame.column - 1))
  return /^(?:throw\s+)?new\s+(?:[\w$]+\.)*([\w$]+)/.exec(text.slice(0, LONGEST_SHOWN))?.[1]
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
