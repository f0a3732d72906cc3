import type { TraceMap } from '@jridgewell/trace-mapping'
import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Fault, Thrown } from '../grouping/fault.js'
import type { Frame } from '../grouping/frames.js'
import { looksMinified } from '../grouping/names.js'
import { type ShownFrame, showFrame } from '../grouping/shown.js'
import type { MapName, SourceMaps } from './maps.js'
import { findMap, type Match } from './match.js'
import { type Lines, type Resolved, readSource, resolveFrame, thrownAt } from './resolve.js'

/** A fault in terms of its sources. */
export interface ResolvedFault {
  fault: Fault
  /** The frames of the error and of each cause. */
  shown: ShownFrame[][]
}

/** Frames of one event that have their source lines kept, the innermost first: its row stays small. */
const MOST_WITH_SOURCE = 12
const DEBUG_ID = /^[0-9a-f-]{32,36}$/i

/** What leads a build's frames to their sources. */
interface Opened {
  map: TraceMap
  lines: Lines
  /** The source that the frames stand in already. */
  source?: string
}

/** The map that has a part in a frame's file. */
type OpenMap = (file: string) => Promise<Opened | undefined>

/** The maps of one event's build: by the debug ids that it names, else by its release. */
function openBuild(maps: SourceMaps, { site_id, properties }: AnalyticsEvent): OpenMap {
  const release = typeof properties.release === 'string' ? properties.release : ''
  const ids = (properties.debug_ids ?? {}) as Record<string, unknown>
  const opened = new Map<string, Promise<Opened | undefined>>()

  async function find(file: string): Promise<Match<MapName> | undefined> {
    const id = Object.hasOwn(ids, file) ? ids[file] : undefined
    const isKnown = typeof id === 'string' && DEBUG_ID.test(id)
    const map = isKnown && (await maps.withDebugId(site_id, id.toLowerCase()))
    if (map) return { map }
    if (release === '') return undefined
    const ofRelease = await maps.ofRelease(site_id, release)
    // A map that bears an id is that of another build.
    return findMap(file, isKnown ? ofRelease.filter(({ debugId }) => debugId === '') : ofRelease)
  }

  async function open(file: string): Promise<Opened | undefined> {
    const match = await find(file)
    const map = match && (await maps.open(match.map))
    return map && { map, lines: new Map(), ...(match.source === undefined ? {} : { source: match.source }) }
  }

  return file => {
    const seen = opened.get(file) ?? open(file)
    opened.set(file, seen)
    return seen
  }
}

function resolve(frame: Frame, { map, lines, source }: Opened): Resolved | undefined {
  return source === undefined ? resolveFrame(frame, map, lines) : readSource(frame, source, map, lines)
}

async function resolveThrown(
  thrown: Thrown,
  openMap: OpenMap,
): Promise<{ thrown: Thrown; shown: ShownFrame[]; isResolved: boolean }> {
  const frames: Frame[] = []
  const shown: ShownFrame[] = []
  let { type } = thrown
  let isResolved = false
  for (const frame of thrown.frames) {
    const opened = frame.origin === 'runtime' ? undefined : await openMap(frame.file)
    const resolved = opened && resolve(frame, opened)
    if (resolved && frames.length === 0 && looksMinified(type)) type = thrownAt(resolved) ?? type
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
    const openMap = openBuild(maps, event)
    const all = []
    for (const thrown of [fault, ...fault.causes]) all.push(await resolveThrown(thrown, openMap))
    const withSource = all.flatMap(({ shown }) => shown.filter(({ source }) => source !== undefined))
    for (const frame of withSource.slice(MOST_WITH_SOURCE)) delete frame.source
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
