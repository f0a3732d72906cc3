import { BY_PROJECTION } from '../../store/schema.js'
import type { Store } from '../../store/store.js'
import type { Candidate } from '../arithmetic/decide.js'
import { endOfService, type Interval, overlap } from '../arithmetic/overlap.js'
import { goesWell } from '../arithmetic/trouble.js'
import { type Count, sumOf } from '../arithmetic/usual.js'
import { readPlace } from '../filters.js'
import type { Placed } from '../marks.js'
import type { Search, Window } from '../parameters.js'
import type { Served } from './trouble-counts.js'
import { inFlow, type TroubleFacts } from './trouble-facts.js'

/** How long before the onset a release may have come to be a suspect. */
const NEAR = 48 * 3_600_000
const MOST_CANDIDATES = 5

/** A release near the onset, when both it and the one before it served, and what they did. */
export interface ComparedCandidate extends Candidate {
  overlap: Interval | undefined
  /** What it did in the flow since the onset. */
  since: Count
}

/** The releases that came into service near the onset, the latest first. */
export interface Candidates {
  candidates: ComparedCandidate[]
  /** The latest of those that are cleared by what they did in the trouble. */
  sound: ComparedCandidate | undefined
}

/**
 * The releases that came into service near the onset: what they did in the flow beside the one before them, and
 * before the onset. The first release that is known of replaced none, and is no suspect unless it was announced; one
 * that serves other flows alone is none, and neither is one that serves it well, or where nothing fails.
 */
export async function readCandidates(
  store: Store,
  search: Search,
  window: Window,
  step: number,
  trouble: TroubleFacts,
  marks: readonly Placed[],
): Promise<Candidates> {
  const everywhere: Search = name => (name === 'release' ? undefined : search(name))
  const near = marks
    .filter(({ at, previous, announced }) => {
      const isKnown = previous !== '' || announced
      return isKnown && at >= trouble.onset - NEAR && at < trouble.onset + step
    })
    .reverse()
  if (near.length === 0) return { candidates: [], sound: undefined }
  const { served } = trouble
  const isNameless = served.every(({ release }) => release === '')
  const latest = near.filter((mark, i) => {
    if (near.findIndex(other => isSame(other, mark)) !== i) return false
    return served.some(other => isSame(other, mark)) || (mark.announced && isNameless)
  })
  const isCleared = (mark: Placed) => !isNameless && isSound(mark, served, trouble)
  const read = (marks: readonly Placed[]) =>
    Promise.all(
      marks.slice(0, MOST_CANDIDATES).map(async mark => ({
        ...(await compare(store, everywhere, { from: mark.at, to: window.to }, mark, trouble)),
        since: sinceOnset(mark, served),
      })),
    )
  const [candidates, [sound]] = await Promise.all([
    read(latest.filter(mark => !isCleared(mark))),
    read(latest.filter(isCleared).slice(0, 1)),
  ])
  return { candidates, sound }
}

type Place = Pick<Placed, 'site' | 'environment'>

function isBeside(a: Place, b: Place): boolean {
  return a.site === b.site && a.environment === b.environment
}

function isSame(a: Place & { release: string }, b: Place & { release: string }): boolean {
  return isBeside(a, b) && a.release === b.release
}

/** Its own requests go well, or nothing fails where it serves: whatever it is, it is not this release's. */
function isSound(mark: Placed, served: readonly Served[], trouble: Count): boolean {
  const here = served.filter(other => isBeside(other, mark))
  return sumOf(here).failures === 0 || goesWell(sinceOnset(mark, served), trouble.failures / trouble.requests)
}

function sinceOnset(mark: Placed, served: readonly Served[]): Count {
  return sumOf(served.filter(other => isSame(other, mark)))
}

async function compare(
  store: Store,
  search: Search,
  window: Window,
  mark: Placed,
  trouble: TroubleFacts,
): Promise<Omit<ComparedCandidate, 'since'>> {
  const { release, previous, at } = mark
  const count = (time: Interval) => countIn(store, search, trouble, mark, time)
  const beside = async () => {
    const overlap = await readOverlap(store, search, mark, window)
    return { overlap, counts: overlap ? await count(overlap) : new Map<string, Count>() }
  }
  const [{ overlap, counts }, before] = await Promise.all([
    beside(),
    at < trouble.onset ? count({ from: at, to: trouble.onset }) : new Map<string, Count>(),
  ])
  return {
    release,
    previous,
    at,
    sideBySide: { old: counts.get(previous) ?? NONE, new: counts.get(release) ?? NONE },
    before: before.get(release) ?? NONE,
    overlap,
  }
}

const NONE: Count = { requests: 0, failures: 0 }

/** When both releases served anywhere in their environment, from the table's own projection. */
async function readOverlap(
  store: Store,
  search: Search,
  mark: Placed,
  { from, to }: Window,
): Promise<Interval | undefined> {
  if (mark.previous === '') return undefined
  const place = readPlace(search)
  const rows = await store.query<{ release: string; first: number; lasts: number[] }>(
    `SELECT release, toUnixTimestamp64Milli(min(first)) AS first,
       arraySort(groupArray(toUnixTimestamp64Milli(last))) AS lasts
     FROM (
       SELECT site, environment, release, toStartOfMinute(timestamp) AS minute, min(timestamp) AS first, max(timestamp) AS last
       FROM events
       WHERE toStartOfMinute(timestamp) >= toDateTime({begin:UInt32}) AND toStartOfMinute(timestamp) < toDateTime({end:UInt32})
         AND release IN ({old:String}, {new:String}) AND site = {of_site:String} AND environment = {of_env:String} AND ${place.sql}
       GROUP BY site, environment, release, minute
     )
     GROUP BY release ${BY_PROJECTION}`,
    {
      ...place.parameters,
      begin: Math.floor(from / 60_000) * 60,
      end: Math.ceil(to / 60_000) * 60,
      old: mark.previous,
      new: mark.release,
      of_site: mark.site,
      of_env: mark.environment,
    },
  )
  const [old, fresh] = [mark.previous, mark.release].map(name => {
    const row = rows.find(({ release }) => release === name)
    // Minutes are whole: the first one began before the release came.
    return row && { from: Math.max(from, Number(row.first)), to: endOfService(row.lasts.map(Number)) + 1 }
  })
  return old && fresh && overlap(old, fresh)
}

/** What the two releases did in a flow in this time, where the one came after the other. */
async function countIn(
  store: Store,
  search: Search,
  trouble: TroubleFacts,
  { site, environment, release, previous }: Placed,
  time: Interval,
): Promise<Map<string, Count>> {
  const where = inFlow(search, trouble.flow, time)
  const rows = await store.query<Count & { name: string }>(
    `SELECT release AS name, sum(weight) AS requests, sumIf(weight, ${trouble.failed}) AS failures
     FROM events
     WHERE ${where.sql} AND release IN ({old:String}, {new:String}) AND site = {of_site:String} AND environment = {of_env:String}
     GROUP BY name`,
    { ...where.parameters, old: previous, new: release, of_site: site, of_env: environment },
  )
  return new Map(
    rows.map(({ name, requests, failures }) => [
      name,
      { requests: Math.round(Number(requests)), failures: Math.round(Number(failures)) },
    ]),
  )
}
