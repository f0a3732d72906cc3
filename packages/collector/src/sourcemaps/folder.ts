import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** A source map as it is uploaded. */
export interface FoundMap {
  /** The built file, relative to the folder, with slashes. */
  file: string
  map: Record<string, unknown>
}

/** A file that was bundled of others may name theirs before its own. */
const DEBUG_ID = /^\/\/# debugId=([0-9a-f-]{32,36})[ \t]*$/gim

/** The paths of all source maps in a folder, those of packages left out. No link is followed. */
export function listMaps(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listMaps(path)
      return entry.isFile() && /\.[cm]?js\.map$/.test(entry.name) ? [path] : []
    })
    .sort()
}

/**
 * A map and what its upload needs: the debug id that only the built file may bear, and the sources
 * that it names without their text, as far as they lie in `root`.
 * @throws where it is no JSON
 */
export function readMap(path: string, folder: string, root: string): FoundMap {
  const map = JSON.parse(readFileSync(path, 'utf8').replace(/^\)\]\}'.*\n/, '')) as Record<string, unknown>
  const built = path.slice(0, -'.map'.length)
  const debugId = map.debugId ?? map.debug_id ?? debugIdIn(readText(built) ?? '')
  return {
    file: relative(folder, built).split(sep).join('/'),
    map: { ...map, ...(debugId === undefined ? {} : { debugId }), ...withSources(map, dirname(path), root) },
  }
}

function debugIdIn(text: string): string | undefined {
  return [...text.matchAll(DEBUG_ID)].at(-1)?.[1]
}

function withSources(
  map: Record<string, unknown>,
  folder: string,
  root: string,
): { sourcesContent?: unknown[] } {
  if (!Array.isArray(map.sources)) return {}
  const sourceRoot = typeof map.sourceRoot === 'string' ? map.sourceRoot : ''
  const given: unknown[] = Array.isArray(map.sourcesContent) ? map.sourcesContent : []
  const texts = map.sources.map((source: unknown, index) => {
    if (typeof given[index] === 'string') return given[index]
    if (typeof source !== 'string' || source.includes('://')) return null
    return readWithin(resolve(folder, sourceRoot, source), root)
  })
  return { sourcesContent: texts }
}

function readWithin(path: string, root: string): string | null {
  try {
    const inside = relative(realpathSync(root), realpathSync(path))
    const isInside = !inside.startsWith('..') && !inside.split(sep).includes('node_modules')
    return isInside ? (readText(path) ?? null) : null
  } catch {
    return null
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
