import type { SourceFrame } from '../data/shapes.js'
import { reveal } from './hostile.js'

/** One line of a stack: what was called, and where. */
export interface Frame {
  call: string | null
  place: string
  /** The package or built-in module it belongs to; null for the application's own code. */
  library: string | null
  /** The lines around it; `line` is the one that was at work. */
  source?: { start: number; line: number | null; lines: string[] }
}

/** A traceback in reading order: plain lines, own frames, and runs of library frames. */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'own'; frame: Frame }
  | { kind: 'library'; frames: Frame[]; libraries: string[] }

const INSTALLED = 'node_modules/'

function libraryOf(place: string): string | null {
  if (place.startsWith('node:')) return place.split(':', 2).join(':').split('/', 1).join('')
  if (place === 'native' || place === '<anonymous>' || place.startsWith('ext:')) return 'built-in'
  if (place.startsWith('index ')) return 'built-in'
  const path = place.replaceAll('\\', '/')
  const installed = path.lastIndexOf(INSTALLED)
  if (installed < 0) return null
  const [scope = '', name = ''] = path.slice(installed + INSTALLED.length).split('/', 2)
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}

/** Null where the line is no frame. */
export function readFrame(line: string): Frame | null {
  const trimmed = line.trim()
  if (!trimmed.startsWith('at ')) return null
  const rest = trimmed.slice(3)
  const open = rest.endsWith(')') ? rest.lastIndexOf(' (') : -1
  const place = (open < 0 ? rest.replace(/^async /, '') : rest.slice(open + 2, -1)).replace('file://', '')
  return { call: open < 0 ? null : rest.slice(0, open), place, library: libraryOf(place) }
}

function add(parts: Part[], frame: Frame): void {
  const last = parts.at(-1)
  if (frame.library === null) parts.push({ kind: 'own', frame })
  else if (last?.kind === 'library') {
    last.frames.push(frame)
    if (!last.libraries.includes(frame.library)) last.libraries.push(frame.library)
  } else parts.push({ kind: 'library', frames: [frame], libraries: [frame.library] })
}

/** A V8 stack in parts; a line that is no frame stays as it is. */
export function readTraceback(traceback: string): Part[] {
  const parts: Part[] = []
  for (const line of traceback.split('\n')) {
    const frame = readFrame(line)
    const last = parts.at(-1)
    if (frame) add(parts, frame)
    else if (last?.kind === 'text') last.text += `\n${line}`
    else parts.push({ kind: 'text', text: line })
  }
  return parts
}

/** A stack that the collector took apart, in parts. */
export function foldFrames(frames: readonly SourceFrame[]): Part[] {
  const parts: Part[] = []
  for (const { function: call, file, line, column, own, async, source } of frames) {
    const place = reveal([file, line, column].filter(part => part !== null).join(':'))
    add(parts, {
      call: call === null ? null : reveal(async ? `async ${call}` : call),
      place,
      library: own ? null : (libraryOf(file) ?? 'other code'),
      ...(source && { source: { ...source, line } }),
    })
  }
  return parts
}
