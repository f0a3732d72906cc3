import { LIMITS, MARK } from './limits.js'
import { maskCredentials } from './mask.js'
import { originOf } from './stack.js'
import { cut } from './text.js'

/** One error of a chain, ready to be written: `TypeError: message` and the lines of its stack. */
export interface Section {
  header: string
  lines: string[]
}

/**
 * An error and its causes as text of at most 5,000 code points.
 *
 * What does not fit goes from the far end: the runtime's frames, libraries', then the application's own.
 * The header, the throw site and something of each cause are always there.
 */
export function writeTraceback(error: Section, causes: readonly Section[]): string {
  const sections = [error, ...causes.map(cause => ({ ...cause, header: `Caused by: ${cause.header}` }))]
  let room: number = LIMITS.traceback
  const texts = sections.map((section, index) => {
    // The error itself may take half, and what its causes leave.
    const rest = sections.slice(index + 1).reduce((sum, { header, lines }) => sum + size(header, lines), 0)
    const share = index === 0 ? room / 2 : room / (sections.length - index)
    const text = writeSection(section, Math.floor(Math.max(share, room - rest)))
    room -= text.length + 1
    return text
  })
  return cut(maskCredentials(texts.join('\n')), LIMITS.traceback)
}

const size = (header: string, lines: string[]): number =>
  lines.reduce((sum, line) => sum + line.length + 1, header.length + 1)

function writeSection({ header, lines }: Section, room: number): string {
  if (size(header, lines) <= room) return [header, ...lines].join('\n')
  const first = cut(header, Math.max(80, Math.floor(room / 4)))
  const kept = chooseLines(lines, room - first.length - 1)
  const text = [first]
  let gap = false
  for (const [index, line] of lines.entries()) {
    if (kept.has(index)) text.push(line)
    else if (!gap) text.push(`    ${MARK} ${lines.length - kept.size} frames left out`)
    gap ||= !kept.has(index)
  }
  return text.join('\n')
}

const GAP_LENGTH = 40

/** Which lines fit: the throw site, then the application's own from the top, then what is near to it. */
function chooseLines(lines: string[], room: number): Set<number> {
  const order = lines
    .map((line, index) => ({ index, rank: index === 0 ? -1 : originOf(line), length: line.length + 1 }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
  const kept = new Set<number>()
  let left = room - GAP_LENGTH
  for (const { index, length } of order) {
    if (length > left) break
    left -= length
    kept.add(index)
  }
  return kept
}
