import { MARK } from './limits.js'
import { maskedStart } from './mask.js'

const FRAME = /^[ \t]*at /
const FIRST_FRAME = /^[ \t]*at .*[:(<]/m
/** V8 puts where a SyntaxError was found before its header. */
const PLACE = /^\S.*:\d+$/

/** What lies beyond is not looked at: of a stack, and of one for its first frame. */
const MAX_STACK = 1_000_000
const MAX_HEADER = 65_536
const MAX_LINES = 1000
const MAX_LINE = 400
/** Where a message begins in a stack: behind a class's name, or a place and a line of source. */
const HEADER = 600
/** How many functions may call each other in a circle that is still seen as a recursion. */
const MAX_PERIOD = 8

/**
 * The lines of a stack below its header, recursions folded and credentials masked. `message` tells where the
 * header ends: it may have lines of its own, look like a frame, and be of any length.
 */
export function stackLines(stack: string, message: string): string[] {
  const at = message === '' ? -1 : stack.slice(0, HEADER).indexOf(`: ${message.slice(0, 100)}`)
  const start = framesStart(stack, at < 0 ? -1 : at + 2 + message.length)
  const lines = stack.slice(start, start + MAX_STACK).split('\n')
  const place = at < 0 ? undefined : stack.slice(0, at).split('\n', 1)[0]
  if (place && PLACE.test(place)) lines.unshift(`    at ${place}`)
  return foldRecursions(lines, MAX_LINES).map(line => {
    const masked = maskedStart(line, MAX_LINE)
    return line.length > MAX_LINE ? masked + MARK : masked
  })
}

/** Where the frames begin; the message was seen to end at `messageEnd`, or not at all (-1). */
function framesStart(stack: string, messageEnd: number): number {
  if (messageEnd >= 0 && (messageEnd >= stack.length || stack[messageEnd] === '\n')) return messageEnd
  // The message was changed since, or there is none: the header is whatever stands before a frame.
  const frame = stack.slice(0, MAX_HEADER).search(FIRST_FRAME)
  if (frame >= 0) return frame
  const end = stack.indexOf('\n')
  return end < 0 ? stack.length : end
}

/** The first `max` lines that are not blank; those that repeat at once, alone or several in turn, once and counted. */
function foldRecursions(lines: string[], max: number): string[] {
  const folded: string[] = []
  let i = 0
  while (i < lines.length && folded.length < max) {
    const { period, repeats } = recursionAt(lines, i)
    folded.push(...lines.slice(i, i + period).filter(line => line.trim() !== ''))
    if (repeats > 0) folded.push(`    ${MARK} ${repeats * period} more of the same`)
    i += period * (repeats + 1)
  }
  return folded
}

/** The shortest run of lines from `start` that is repeated at once, and how often. */
function recursionAt(lines: string[], start: number): { period: number; repeats: number } {
  if (FRAME.test(lines[start] as string)) {
    for (let period = 1; period <= MAX_PERIOD; period++) {
      let end = start + period
      while (end < lines.length && lines[end] === lines[end - period]) end++
      const repeats = Math.floor((end - start) / period) - 1
      if (repeats * period > 1) return { period, repeats }
    }
  }
  return { period: 1, repeats: 0 }
}
