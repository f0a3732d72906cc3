import type { TraceMap } from '@jridgewell/trace-mapping'
import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Fault, Thrown } from '../grouping/fault.js'
import type { Frame } from '../grouping/frames.js'
import { looksMinified } from '../grouping/names.js'
import { type ShownFrame, showFrame } from '../grouping/shown.js'
import type { MapName, SourceMaps } from './maps.js'
import { findFile, isSource } from './match.js'
import { type Lines, resolveFrame, thrownAt } from './resolve.js'

/** A fault in terms of its sources. */
export interface ResolvedFault {
  fault: Fault
  /** The frames of the error and of each cause. */
  shown: ShownFrame[][]
}

/** What has source lines shown: the innermost own frames, so that an event's row stays small. */
const MOST_WITH_SOURCE = 8
const DEBUG_ID = /^[0-9a-f-]{32,36}$/i

interface Build {
  mapOf(file: string): Promise<{ map: TraceMap; lines: Lines } | undefined>
}

/** The maps of one event's build: by the debug ids that it names, else by its release. */
function openBuild(maps: SourceMaps, { site_id, properties }: AnalyticsEvent): Build {
  const release = typeof properties.release === 'string' ? properties.release : ''
  const ids = (properties.debug_ids ?? {}) as Record<string, unknown>
  const opened = new Map<string, Promise<{ map: TraceMap; lines: Lines } | undefined>>()

  async function nameOf(file: string): Promise<MapName | undefined> {
    const id = Object.hasOwn(ids, file) ? ids[file] : undefined
    if (typeof id === 'string' && DEBUG_ID.test(id)) {
      const name = await maps.withDebugId(site_id, id.toLowerCase())
      if (name) return name
    }
    if (release === '') return undefined
    const uploaded = await maps.ofRelease(site_id, release)
    const found = findFile(
      file,
      uploaded.map(each => each.file),
    )
    return uploaded.find(each => each.file === found)
  }

  async function open(file: string): Promise<{ map: TraceMap; lines: Lines } | undefined> {
    const name = await nameOf(file)
    const map = name && (await maps.open(name))
    if (!name || !map || isSource(file, name.file, map.sources)) return undefined
    return { map, lines: new Map() }
  }

  return {
    mapOf(file) {
      const seen = opened.get(file)
      if (seen) return seen
      const map = open(file)
      opened.set(file, map)
      return map
    },
  }
}

async function resolveThrown(
  thrown: Thrown,
  build: Build,
): Promise<{ thrown: Thrown; shown: ShownFrame[]; isResolved: boolean }> {
  const frames: Frame[] = []
  const shown: ShownFrame[] = []
  let { type } = thrown
  let isResolved = false
  let withSource = 0
  for (const frame of thrown.frames) {
    const opened = frame.origin === 'runtime' ? undefined : await build.mapOf(frame.file)
    const resolved = opened && resolveFrame(frame, opened.map, opened.lines)
    if (opened && resolved && frames.length === 0 && looksMinified(type))
      type = thrownAt(frame, opened.map, opened.lines) ?? type
    if (resolved?.shown.source && ++withSource > MOST_WITH_SOURCE) delete resolved.shown.source
    if (resolved) isResolved = true
    frames.push(resolved?.frame ?? frame)
    shown.push(resolved?.shown ?? showFrame(frame))
  }
  return { thrown: { ...thrown, type, frames }, shown, isResolved }
}

/**
 * Leads a fault back to its sources; `undefined` where no map has a part in it. A store that does not
 * answer, or a map that is damaged, leaves the fault as it was sent.
 */
export async function resolveFault(
  maps: SourceMaps,
  event: AnalyticsEvent,
  fault: Fault,
): Promise<ResolvedFault | undefined> {
  try {
    const build = openBuild(maps, event)
    const all = []
    for (const thrown of [fault, ...fault.causes]) all.push(await resolveThrown(thrown, build))
    const [own, ...causes] = all
    if (!own || !all.some(each => each.isResolved)) return undefined
    return {
      fault: {
        ...fault,
        type: own.thrown.type,
        frames: own.thrown.frames,
        causes: causes.map(cause => cause.thrown),
      },
      shown: all.map(each => each.shown),
    }
  } catch (error) {
    console.error(`[justanalytics-collector] A fault could not be led back to its sources. ${error}`)
    return undefined
  }
}
