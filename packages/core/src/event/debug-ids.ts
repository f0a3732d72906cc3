import type { ErrorFacts } from './exception.js'

/** Of one event. */
const MOST_FILES = 20
const FRAME = '    at '
const IN_LIBRARY = /[/\\]node_modules[/\\]/
/** A file of JavaScript by its full path, and where in it: no other is read. */
const PLACE =
  /^(?:file:\/\/)?(?:\/(?!\/)|[a-z]:[\\/])[^?#]{1,1000}\.[cm]?js(?=(?:[?#].{0,200})?:\d{1,9}:\d{1,9}$)/i

/**
 * Which build the application's own files in an error's stack and its causes' are of: the debug id of each, by its
 * path. Nothing where none has one.
 * @param idOf the debug id of a file, as a stack names it
 */
export function debugIdsOf(
  { traceback, causes = [] }: ErrorFacts,
  idOf: (file: string) => string | undefined,
): { debug_ids?: Record<string, string> } {
  const files = new Set<string>()
  for (const text of [traceback, ...causes.map(cause => cause.traceback)]) {
    for (const line of text.split('\n')) {
      const file = line.startsWith(FRAME) && !IN_LIBRARY.test(line) ? fileOf(line) : undefined
      if (file !== undefined && files.size < MOST_FILES) files.add(file)
    }
  }
  const ids = [...files].flatMap(file => {
    const id = idOf(file)
    return id === undefined ? [] : [[file.replace(/^file:\/\//, ''), id]]
  })
  return ids.length > 0 ? { debug_ids: Object.fromEntries(ids) } : {}
}

function fileOf(line: string): string | undefined {
  const call = line.slice(FRAME.length)
  const open = call.endsWith(')') ? call.indexOf(' (') : -1
  const place = open < 0 ? call.replace(/^async /, '') : call.slice(open + 2, -1)
  return PLACE.exec(place)?.[0]
}
