import { AnyMap, type TraceMap } from '@jridgewell/trace-mapping'
import type { Store } from '../store/store.js'

/** An answer of the store is good for this long, milliseconds: another collector may have got maps meanwhile. */
const FRESH_MS = 10_000
const MOST_LISTS = 500
/** Of one release. */
const MOST_MAPS = 10_000
/** Of maps' texts; taken apart, a map needs about three times as much. */
const CACHE_BYTES = 32 * 1024 * 1024

/** An uploaded map's name. */
export interface MapName {
  site: string
  release: string
  file: string
  debugId: string
  /** The sources whose text it has, as it names them. */
  sources: readonly string[]
}

export interface SourceMaps {
  /** The maps that were uploaded for a release, the newest first. */
  ofRelease(site: string, release: string): Promise<readonly MapName[]>
  /** The map that bears this debug id. */
  withDebugId(site: string, debugId: string): Promise<MapName | undefined>
  /** A map taken apart; `undefined` where it is gone, or is none. */
  open(name: MapName): Promise<TraceMap | undefined>
  /** Answers given before are no longer good. */
  forget(): void
}

/** The uploaded source maps, those in use kept at hand. */
export function createSourceMaps(store: Store): SourceMaps {
  const lists = new Map<string, { at: number; names: Promise<MapName[]> }>()
  const open = new Map<string, { bytes: number; map: Promise<TraceMap | undefined> }>()
  let held = 0

  function list(site: string, column: 'release' | 'debug_id', value: string): Promise<MapName[]> {
    const key = JSON.stringify([site, column, value])
    const seen = lists.get(key)
    if (seen && performance.now() - seen.at < FRESH_MS) return seen.names
    if (lists.size >= MOST_LISTS) lists.clear()
    const names = store
      .query<{ release: string; file: string; debug_id: string; sources: string[] }>(
        `SELECT release, file, debug_id, argMax(sources, received_at) AS sources FROM maps
         WHERE site = {site:String} AND ${column} = {value:String}
         GROUP BY release, file, debug_id ORDER BY max(received_at) DESC LIMIT ${MOST_MAPS}`,
        { site, value },
      )
      .then(rows => rows.map(({ debug_id, ...row }) => ({ ...row, site, debugId: debug_id })))
    lists.set(key, { at: performance.now(), names })
    names.catch(() => lists.delete(key))
    return names
  }

  async function load({ site, release, file, debugId }: MapName, key: string): Promise<TraceMap | undefined> {
    const [row] = await store.query<{ map: string; bytes: number }>(
      `SELECT map, bytes FROM maps WHERE site = {site:String} AND debug_id = {debugId:String}
         AND release = {release:String} AND file = {file:String}
       ORDER BY received_at DESC LIMIT 1`,
      { site, release, file, debugId },
    )
    if (!row) return undefined
    const entry = open.get(key)
    if (entry) {
      held += row.bytes - entry.bytes
      entry.bytes = row.bytes
      makeRoom(key)
    }
    try {
      return new AnyMap(row.map)
    } catch {
      return undefined
    }
  }

  function makeRoom(except: string): void {
    for (const [key, { bytes }] of open) {
      if (held <= CACHE_BYTES) return
      if (key === except) continue
      open.delete(key)
      held -= bytes
    }
  }

  return {
    ofRelease: (site, release) => list(site, 'release', release),
    withDebugId: async (site, debugId) => (await list(site, 'debug_id', debugId))[0],
    open(name) {
      const key = JSON.stringify([name.site, name.release, name.file, name.debugId])
      const seen = open.get(key)
      if (seen) {
        // Used last, dropped last.
        open.delete(key)
        open.set(key, seen)
        return seen.map
      }
      const entry = { bytes: 0, map: Promise.resolve<TraceMap | undefined>(undefined) }
      open.set(key, entry)
      entry.map = load(name, key)
      entry.map.catch(() => open.delete(key))
      return entry.map
    },
    forget() {
      lists.clear()
      open.clear()
      held = 0
    },
  }
}
