/** Segments of a path, whatever it is written like: no drive, no scheme, nothing that leads up. */
export function segmentsOf(path: string): string[] {
  return path
    .replace(/^[a-z][a-z0-9+.-]{1,15}:\/\/[^/]*\//i, '')
    .split(/[\\/]/)
    .filter(part => part !== '' && part !== '.' && part !== '..' && !/^[a-z]:$/i.test(part))
}

/** How many segments two paths have in common from their ends, where one of them ends with the other. */
function overlap(path: readonly string[], end: readonly string[]): number {
  if (end.length === 0 || end.length > path.length) return 0
  return end.every((part, index) => path[path.length - end.length + index] === part) ? end.length : 0
}

/**
 * The uploaded file that a frame's file is: the one with the longest path that the frame's ends with.
 * @param files as they were uploaded, relative to the folder of the build
 */
export function findFile(file: string, files: readonly string[]): string | undefined {
  const path = segmentsOf(file)
  let best: string | undefined
  let length = 0
  for (const each of files) {
    const common = overlap(path, segmentsOf(each))
    if (common > length) {
      best = each
      length = common
    }
  }
  return best
}

/**
 * Whether a frame stands in a source already, as where Node's own source maps are on: its path agrees
 * further with one of the map's sources than with the file that was built.
 */
export function isSource(file: string, built: string, sources: readonly (string | null)[]): boolean {
  const path = segmentsOf(file)
  const asBuilt = overlap(path, segmentsOf(built))
  return sources.some(source => overlap(path, segmentsOf(source ?? '')) > asBuilt)
}
