/** Requests of a part of the window, and of the same hours before. */
export interface Cell {
  /** Its beginning, milliseconds since the epoch. */
  at: number
  requests: number
  /** `undefined` where those hours are not known. */
  usual: number | undefined
}

/** Twice as much traffic as usual, or more. */
export interface Surge {
  from: number
  /** When it ended; undefined while it lasts. */
  to: number | undefined
  requests: number
  usual: number
}

const TWICE = 2
/** Fewer requests more are no traffic to speak of. */
const LEAST_MORE = 50

function isUp({ requests, usual }: Pick<Cell, 'requests' | 'usual'>): boolean {
  if (usual === undefined) return false
  const more = requests - usual
  return requests >= TWICE * usual && more >= LEAST_MORE && more >= 4 * Math.sqrt(usual)
}

/** The latest run of two parts or more with twice the usual traffic, or all of the window where it has that as a whole. */
export function findSurge(cells: readonly Cell[], width: number): Surge | undefined {
  const sum = (run: readonly Cell[]) => ({
    requests: run.reduce((sum, cell) => sum + cell.requests, 0),
    usual: run.reduce((sum, cell) => sum + (cell.usual ?? 0), 0),
  })
  const known = cells.filter(({ usual }) => usual !== undefined)
  const whole = sum(known)
  if (whole.usual === 0) return undefined
  let end = cells.length
  while (end > 0) {
    while (end > 0 && !isUp(cells[end - 1] as Cell)) end--
    let begin = end
    while (begin > 0 && isUp(cells[begin - 1] as Cell)) begin--
    const run = cells.slice(begin, end)
    const [first, last] = [run[0], run.at(-1)]
    if (first && last && run.length > 1) {
      // The last part may not be over yet, and show less for that.
      const lasts = end >= cells.length - 1
      return { from: first.at, to: lasts ? undefined : last.at + width, ...sum(run) }
    }
    end = begin
  }
  return isUp(whole) ? { from: (known[0] as Cell).at, to: undefined, ...whole } : undefined
}
