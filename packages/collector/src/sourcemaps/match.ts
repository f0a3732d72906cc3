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

/** What an uploaded map leads from, and to. */
export interface Mapped {
  /** The built file, relative to the folder of the build. */
  file: string
  sources: readonly string[]
}

export interface Match<T> {
  map: T
  /** The source that the frame stands in already, as where Node's own source maps are on. */
  source?: string
}

/**
 * What a frame's file is: the built file, or the source, with the longest path that the frame's ends with.
 * A path that is as long for both is the built file's.
 */
export function findMap<T extends Mapped>(file: string, maps: readonly T[]): Match<T> | undefined {
  const path = segmentsOf(file)
  let best: Match<T> | undefined
  let length = 0
  const consider = (match: Match<T>, name: string) => {
    const common = overlap(path, segmentsOf(name))
    if (common <= length) return
    best = match
    length = common
  }
  for (const map of maps) consider({ map }, map.file)
  for (const map of maps) for (const source of map.sources) consider({ map, source }, source)
  return best
}
