/** Whose code a frame stands in: the application's, that of a package, or the engine's. */
export type Origin = 'own' | 'library' | 'runtime'

/** One call of a stack. */
export interface Frame {
  /** As the engine names it, `Cart.total` or `async pay`; '' for a function without a name. */
  function: string
  /** '' where there is none. */
  file: string
  /** From 1; 0 where it is not known. */
  line: number
  /** From 1; 0 where it is not known. */
  column: number
  origin: Origin
  async: boolean
  /** Its place is one in a source: a source map led there. */
  mapped?: boolean
}

/** A client cuts a traceback to 5,000 code points; of one that does not, no more than this is read. */
const MOST_TEXT = 20_000
const MOST_FRAMES = 100
const LONGEST_LINE = 1000

const RUNTIME =
  /^(?:node:|internal\/|ext:|bun:|deno:|wasm:|native$|<anonymous>$|eval at |index \d|webpack\/|$)/
const LIBRARY = /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|\.pnpm|\.yarn)[\\/]|^(?:npm|jsr):/

export function originOf(file: string): Origin {
  if (RUNTIME.test(file)) return 'runtime'
  return LIBRARY.test(file) ? 'library' : 'own'
}

/** The frames of an error itself, its causes' left out, the innermost first. */
export function parseFrames(traceback: string): Frame[] {
  const lines = traceback.slice(0, MOST_TEXT).split('\n')
  const end = lines.findIndex((line, index) => index > 0 && line.startsWith('Caused by: '))
  const mine = lines.slice(0, end < 0 ? lines.length : end).map(line => line.slice(0, LONGEST_LINE))
  const frames = mine.flatMap(line => parseV8(line) ?? [])
  return (frames.length > 0 ? frames : parsePython(mine)).slice(0, MOST_FRAMES)
}

function parseV8(line: string): Frame | undefined {
  const text = line.trim()
  if (!text.startsWith('at ')) return undefined
  const call = text.slice(3)
  const open = call.endsWith(')') ? call.indexOf(' (') : -1
  const name = open < 0 ? '' : call.slice(0, open)
  const place = open < 0 ? call.replace(/^async /, '') : call.slice(open + 2, -1)
  const { file, line: row, column } = parsePlace(place)
  // A line of a message may begin with the same word.
  if (open < 0 && row === 0 && file.includes(' ')) return undefined
  return {
    function: name,
    file,
    line: row,
    column,
    origin: originOf(file),
    async: call.startsWith('async '),
  }
}

/** `file:///app/cart.js?v=2:12:5`. */
function parsePlace(place: string): Pick<Frame, 'file' | 'line' | 'column'> {
  const [, line = '0', column = '0'] = /:(\d{1,9})(?::(\d{1,9}))?$/.exec(place) ?? []
  const end = place.search(/:\d{1,9}(?::\d{1,9})?$/)
  const path = end < 0 ? place : place.slice(0, end)
  const query = path.search(/[?#]/)
  const file = (query < 0 ? path : path.slice(0, query)).replace(/^file:\/\//, '')
  return { file, line: Number(line), column: Number(column) }
}

const PYTHON = /^ {2}File "([^"]*)", line (\d{1,9})(?:, in (.*))?$/

/** The origin's applications send Python's tracebacks: the innermost call comes last. */
function parsePython(lines: readonly string[]): Frame[] {
  const start = lines.findLastIndex(line => line.startsWith('Traceback (most recent call last)'))
  return lines
    .slice(start + 1)
    .flatMap(line => {
      const [, file, row, name = ''] = PYTHON.exec(line) ?? []
      if (file === undefined) return []
      const place = { file, line: Number(row), column: 0, origin: originOf(file) }
      return [{ ...place, function: name === '<module>' ? '' : name, async: false }]
    })
    .reverse()
}
