import { LIMITS, MARK } from './limits.js'
import { cut } from './text.js'

/** One error of a chain, ready to be written: `TypeError: message` and the lines of its stack. */
export interface Section {
  header: string
  lines: string[]
}

/** Whose code a frame stands in, the reader's own first. */
const APPLICATION = 0
const LIBRARY = 1
const RUNTIME = 2

const IN_LIBRARY = /[/\\]node_modules[/\\]/
const IN_RUNTIME = /\bnode:|\(<anonymous>\)$|^\s*at (?:async )?<anonymous>$|\(native\)$|\bext:/

const SHORTEST_HEADER = 80
/** Room for the line that counts what was left out. */
const NOTE = 40

/**
 * An error and its causes as text of at most 5,000 code points.
 *
 * What does not fit is left out from the far end: the runtime's frames, then libraries', then the
 * application's own. The header and the throw site of the error and of each cause stay.
 */
export function writeTraceback(error: Section, causes: readonly Section[]): string {
  const sections = [error, ...causes.map(cause => ({ ...cause, header: `Caused by: ${cause.header}` }))]
  let left: number = LIMITS.traceback
  let wanted = sections.reduce((sum, section) => sum + lengthOf(section), 0)
  const texts = sections.map((section, index) => {
    wanted -= lengthOf(section)
    // The error itself may have half, its causes equal parts, and each what the others leave.
    const share = index === 0 ? left / 2 : left / (sections.length - index)
    const text = writeSection(section, Math.floor(Math.max(share, left - wanted)))
    left -= text.length + 1
    return text
  })
  return cut(texts.join('\n'), LIMITS.traceback)
}

const lengthOf = ({ header, lines }: Section): number =>
  lines.reduce((sum, line) => sum + line.length + 1, header.length + 1)

function writeSection(section: Section, room: number): string {
  const { lines } = section
  if (lengthOf(section) <= room) return [section.header, ...lines].join('\n')
  const header = cut(section.header, Math.max(SHORTEST_HEADER, Math.floor(room / 4)))
  const [throwSite = '', ...rest] = lines
  const site = cut(throwSite, Math.max(0, room - header.length - NOTE))
  const kept = chooseLines(rest, room - header.length - site.length - NOTE)
  const text = [header, site]
  rest.forEach((line, index) => {
    if (kept.has(index)) text.push(line)
  })
  if (kept.size < rest.length) text.push(`    ${MARK} ${rest.length - kept.size} lines left out`)
  return text.join('\n')
}

/** Which of the lines fit into `room`: the application's own from the top, then libraries', then others. */
function chooseLines(lines: string[], room: number): Set<number> {
  const ranks: number[] = []
  for (const [index, line] of lines.entries()) {
    // A count of folded lines belongs to the line before it.
    const isCount = line.trimStart().startsWith(MARK)
    ranks.push(isCount ? (ranks[index - 1] ?? APPLICATION) : originOf(line))
  }
  const kept = new Set<number>()
  let left = room
  for (const origin of [APPLICATION, LIBRARY, RUNTIME]) {
    for (const [index, line] of lines.entries()) {
      if (ranks[index] !== origin || line.length + 1 > left) continue
      left -= line.length + 1
      kept.add(index)
    }
  }
  return kept
}

function originOf(line: string): number {
  if (IN_LIBRARY.test(line)) return LIBRARY
  return IN_RUNTIME.test(line) ? RUNTIME : APPLICATION
}
