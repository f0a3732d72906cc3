import { BY_PROJECTION, moment } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { type Count, type Past, type Usual, usualOf } from './arithmetic/usual.js'
import { IS_ATTEMPT } from './attempts.js'
import { ANSWERED_4XX, ENDED_BADLY, FAILED, FAULTED, hasQuietFaults } from './failure.js'
import { isOfPage, readFilters } from './filters.js'
import { type Condition, inWindow, receivedSince, type Search, type Window } from './parameters.js'
import { isEver, type PastTimes, pastTimes } from './past.js'
import { BESIDE_SLOTS, IN_SLOTS, SLOT, SLOT_TIME, slotsWithin } from './slots.js'
import { layOut, usualStep } from './steps.js'
import { IS_REQUEST } from './stored.js'

/** A flow over the window, or a job's name. */
export interface Track extends Count {
  /** `POST /pay`; of a job, its name and its queue. */
  name: string
  rejected: number
  buckets: Count[]
  usual: Usual
}

/** What goes wrong or well, on one grid. */
export interface Tracks {
  items: Track[]
  /** The start of every bucket, milliseconds since the epoch. */
  grid: number[]
  step: number
  /** The SQL of a request's failure in this window. */
  failed: string
}

const MINUTE = 60_000
const DAY = 86_400_000

/** Requests in their flows, or attempts that ended a job under its name. */
interface Kind {
  subject: 'request' | 'attempt'
  is: string
  /** One text: the engine groups by two such columns at twice the cost. */
  name: string
  /** What else the figures are told by. */
  apart: string
  requests: string
  failures: string
  rejected: string
  /** Failures that the status does not tell of. */
  more: string | undefined
  /** The same, as their exceptions alone tell them. */
  past: string | undefined
}

const FLOWS: Kind = {
  subject: 'request',
  is: IS_REQUEST,
  name: "concat(method, ' ', route)",
  apart: '',
  requests: 'sum(weight)',
  failures: `sumIf(weight, ${ENDED_BADLY})`,
  rejected: `sumIf(weight, ${ANSWERED_4XX} AND NOT ${ENDED_BADLY})`,
  more: `NOT ${ENDED_BADLY} AND ${FAULTED}`,
  past: `event = 'exception' AND mechanism IN ('', 'request') AND status < 500 AND (borrowed_status OR NOT ${ANSWERED_4XX})`,
}

const JOBS: Kind = {
  subject: 'attempt',
  is: IS_ATTEMPT,
  name: "concat(task_name, '\\n', queue)",
  apart: ', event',
  requests: "if(event = 'task_completed', count(), sum(final))",
  failures: "if(event = 'task_completed', 0, sum(final))",
  rejected: '0',
  more: undefined,
  past: undefined,
}

/** A flow's name as the filter `flow` takes it. */
export const FLOW: string = FLOWS.name

/** The jobs' names stand before their queues. */
export function splitJob(name: string): { job: string; queue: string | null } {
  const [job = '', queue = ''] = name.split('\n')
  return { job, queue: queue || null }
}

/** A route may be unknown. */
export function splitFlow(name: string): { method: string; route: string } {
  const [method = '', route = ''] = name.split(/ (.*)/s)
  return { method, route }
}

interface Row {
  name: string
  at: number[]
  requests: number[]
  failures: number[]
  rejected: number[]
}

export function readFlows(store: Store, search: Search, window: Window): Promise<Tracks> {
  return readTracks(store, search, window, FLOWS)
}

export function readJobNames(store: Store, search: Search, window: Window): Promise<Tracks> {
  return readTracks(store, search, window, JOBS)
}

async function readTracks(store: Store, search: Search, window: Window, kind: Kind): Promise<Tracks> {
  const step = Math.max(MINUTE, usualStep(window))
  const grid = layOut(window, step)
  const count = async () => {
    const isQuiet = kind.more !== undefined && (await hasQuietFaults(store, search, window))
    const counted = isQuiet ? kind : { ...kind, more: undefined }
    return { isQuiet, rows: await readBuckets(store, search, window, step, counted) }
  }
  const [{ isQuiet, rows }, pasts] = await Promise.all([count(), readPasts(store, search, window, kind)])
  const drafts = gather(rows, grid, step)
  const items = drafts.map(draft => ({ ...draft, usual: usualOf(pasts.get(draft.name) ?? NO_PAST) }))
  return { items, grid, step, failed: isQuiet ? FAILED : ENDED_BADLY }
}

const NOTHING: Count = { requests: 0, failures: 0 }
const NO_PAST: Past = { week: NOTHING, day: NOTHING }

/**
 * What lies in whole slots is read ready added up; the rest, and the faults behind good answers, row by row. It is one
 * statement, whose parts the engine reads side by side.
 */
function readBuckets(store: Store, search: Search, window: Window, step: number, kind: Kind): Promise<Row[]> {
  const filters = readFilters(search, kind.subject, window)
  const within = inWindow(window)
  const row = 'toUnixTimestamp64Milli(timestamp)'
  const count = (at: string, condition: string, { requests, failures, rejected }: Kind = kind) =>
    `SELECT ${kind.name} AS name, intDiv(${at}, {step:UInt64}) * {step:UInt64} AS at, toFloat64(${requests}) AS requests,
       toFloat64(${failures}) AS failures, toFloat64(${rejected}) AS rejected
     FROM events WHERE ${kind.is} AND ${filters.sql} AND ${condition} GROUP BY name, at${kind.apart}`
  const slots = step % SLOT === 0 && !isTied(filters) ? slotsWithin(window) : undefined
  const parts = slots
    ? [
        count(`toUInt64(toUnixTimestamp(${SLOT_TIME})) * 1000`, IN_SLOTS),
        count(row, `${within.sql} AND ${BESIDE_SLOTS}`),
      ]
    : [count(row, within.sql)]
  if (kind.more) {
    const rejected = `-sumIf(weight, ${ANSWERED_4XX})`
    const faults = { ...kind, requests: '0', failures: 'sum(weight)', rejected }
    parts.push(count(row, `${within.sql} AND ${kind.more}`, faults))
  }
  return store.query<Row>(
    `SELECT name, groupArray(at) AS at, groupArray(requests) AS requests,
       groupArray(failures) AS failures, groupArray(rejected) AS rejected
     FROM (${parts.join(' UNION ALL ')})
     GROUP BY name ${BY_PROJECTION}`,
    { ...filters.parameters, ...within.parameters, ...slots, step },
  )
}

/** Such a filter is looked up for all of a time at once: to ask for parts of the time would look it up as often. */
function isTied({ parameters }: Condition): boolean {
  return 'tied_from' in parameters
}

/** A release has no past: every other filter holds for what is usual, too. */
export function ofThePast(search: Search): Search {
  return name => (name === 'release' ? undefined : search(name))
}

/**
 * What the window is compared with: the same hours of the 7 days before, and the day before. What lies in whole slots
 * is read ready added up; the rest, and the faults behind good answers, row by row.
 */
async function readPasts(
  store: Store,
  search: Search,
  window: Window,
  kind: Kind,
): Promise<Map<string, Past>> {
  const days = isOfPage(search) ? 1 : 7
  const past = { from: Math.max(0, window.from - days * DAY), to: window.from }
  const filters = readFilters(ofThePast(search), kind.subject, past)
  const count = ({ hours, day }: PastTimes, { is, requests, failures }: Kind = kind) =>
    `SELECT ${kind.name} AS name, ${hours} AS same_hours, ${day} AS the_day,
       toFloat64(${requests}) AS requests, toFloat64(${failures}) AS failures
     FROM events WHERE ${is} AND ${filters.sql} AND ${receivedSince('past_from')} AND (${hours} OR ${day})
     GROUP BY name, same_hours, the_day${kind.apart}`
  const { slots, beside, rows: all } = pastTimes(window, days)
  const parts = (isTied(filters) ? [all] : [slots, beside]).filter(isEver).map(times => count(times))
  if (parts.length === 0) return new Map()
  if (kind.past) parts.push(count(all, { ...kind, is: kind.past, requests: '0', failures: 'count()' }))
  const rows = await store.query<{ name: string; week: [number, number]; day: [number, number] }>(
    `SELECT name, (sumIf(requests, same_hours), sumIf(failures, same_hours)) AS week,
       (sumIf(requests, the_day), sumIf(failures, the_day)) AS day
     FROM (${parts.join(' UNION ALL ')})
     GROUP BY name ${BY_PROJECTION}`,
    { ...filters.parameters, past_from: moment(past.from) },
  )
  const pasts = new Map<string, Past>()
  for (const { name, week, day } of rows) {
    const known = pasts.get(name) ?? NO_PAST
    pasts.set(name, { week: add(known.week, week), day: add(known.day, day) })
  }
  return pasts
}

function add({ requests, failures }: Count, [more, failed]: [number, number]): Count {
  return { requests: requests + Number(more), failures: failures + Number(failed) }
}

function gather(rows: readonly Row[], grid: readonly number[], step: number): Omit<Track, 'usual'>[] {
  const first = grid[0] ?? 0
  const tracks = new Map<string, Omit<Track, 'usual'>>()
  for (const row of rows) {
    let track = tracks.get(row.name)
    if (!track) {
      const buckets = grid.map(() => ({ ...NOTHING }))
      track = { name: row.name, requests: 0, failures: 0, rejected: 0, buckets }
      tracks.set(row.name, track)
    }
    for (const [i, at] of row.at.entries()) {
      const bucket = track.buckets[(at - first) / step]
      if (!bucket) continue
      const [requests, failures] = [Number(row.requests[i]), Number(row.failures[i])]
      bucket.requests += requests
      bucket.failures += failures
      track.requests += requests
      track.failures += failures
      track.rejected += Number(row.rejected[i])
    }
  }
  return [...tracks.values()]
}
