import { MARK } from './limits.js'

/** A frame is a line of a stack; `dropped` counts the equal ones folded behind it. */
const FRAME = /^\s*at /
const LIBRARY = /[/\\]node_modules[/\\]/
const RUNTIME = /\(node:|^\s*at node:|\(<anonymous>\)$|^\s*at <anonymous>$|\(native\)$|\bext:/

/** Above it the rest of a stack is not looked at. */
const MAX_STACK = 1_000_000
const MAX_LINE = 500
/** How many functions may call each other in a circle that is still seen as one recursion. */
const MAX_PERIOD = 8

/** Whose code a line of a stack stands in; lower is nearer to the reader. */
export type Origin = 0 | 1 | 2

export function originOf(line: string): Origin {
  if (RUNTIME.test(line)) return 2
  return LIBRARY.test(line) ? 1 : 0
}

/**
 * The lines of a stack below its header, recursions folded. `message` tells where the header ends: it may
 * have lines of its own, and be of any length.
 */
export function stackLines(stack: string, message: string): string[] {
  const start = headerEnd(stack, message)
  if (start < 0) return []
  const text = stack.slice(start, start + MAX_STACK)
  const lines = text.split('\n').filter(line => line.trim() !== '')
  if (start + MAX_STACK < stack.length) lines.splice(-1, 1, `    ${MARK} more`)
  return fold(lines).map(line => (line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}${MARK}` : line))
}

/** Where the line behind the header begins, -1 without one. */
function headerEnd(stack: string, message: string): number {
  const at = message === '' ? -1 : stack.slice(0, 400).indexOf(message.slice(0, 100))
  const from = at < 0 ? 0 : at + message.length
  if (at >= 0 && stack[from] === '\n') return from + 1
  // The message was changed since the stack was taken.
  const frame = stack.slice(0, MAX_STACK).search(/^\s*at .*[:(<]/m)
  return frame
}

export function fold(lines: string[]): string[] {
  const folded: string[] = []
  let i = 0
  while (i < lines.length) {
    const [period, repeats] = recursionAt(lines, i)
    folded.push(...lines.slice(i, i + period))
    if (repeats > 0) folded.push(`    ${MARK} ${repeats * period} more of the same`)
    i += period * (repeats + 1)
  }
  return folded
}

/** The shortest run of lines from `start` that is repeated at once, and how often; `[1, 0]` for none. */
function recursionAt(lines: string[], start: number): [period: number, repeats: number] {
  for (let period = 1; period <= MAX_PERIOD; period++) {
    let end = start + period
    while (end < lines.length && lines[end] === lines[end - period]) end++
    const repeats = Math.floor((end - start) / period) - 1
    if (repeats * period > 1 && FRAME.test(lines[start] as string)) return [period, repeats]
  }
  return [1, 0]
}
