import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Store } from '../store/store.js'
import { factsOf, IS_ATTEMPT, JOB_KEY, JOB_STATES, type JobFacts, ORDER, STATE } from './attempts.js'
import { type Completeness, completeness } from './completeness.js'
import { afterCursor, formatCursor, type Place } from './cursor.js'
import { readFilters, readPlace } from './filters.js'
import { type JobName, jobNames } from './job-names.js'
import { type Condition, inWindow, readLimit, readWindow, type Search, type Window } from './parameters.js'

export interface ListedJob extends JobFacts {
  /** How many there were so far. */
  attempts: number
}

export interface JobList extends Completeness {
  items: ListedJob[]
  /** Where the list goes on, to be given as `cursor`; absent at its end. */
  next?: string
  /** By name and queue, what fails most first; at most 100. */
  names: JobName[]
}

/** Which jobs made an attempt in this window, the one with the newest attempt first? */
export async function jobs(store: Store, search: Search, now: number): Promise<JobList> {
  const limit = readLimit(search)
  const window = readWindow(search, now)
  const within = inWindow(window)
  const place = readPlace(search)
  const attempts = {
    sql: `${IS_ATTEMPT} AND ${within.sql} AND ${place.sql}`,
    parameters: { ...within.parameters, ...place.parameters },
  }
  const wanted = readWanted(search, window)
  const after = afterCursor(search, '(max(timestamp), id)')
  const filters = readFilters(search, 'attempt', window)
  const [found, names, certainty] = await Promise.all([
    store.query<Place>(
      `SELECT toString(${JOB_KEY}) AS id, toString(max(timestamp)) AS at FROM events
       WHERE ${attempts.sql} GROUP BY ${JOB_KEY}
       HAVING ${wanted.sql}${after ? ` AND ${after.sql}` : ''}
       ORDER BY max(timestamp) DESC, id DESC LIMIT ${limit + 1}`,
      { ...attempts.parameters, ...wanted.parameters, ...after?.parameters },
    ),
    jobNames(store, {
      sql: `${within.sql} AND ${filters.sql}`,
      parameters: { ...within.parameters, ...filters.parameters },
    }),
    completeness(store, search, window, now),
  ])
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: await readJobs(store, shown, attempts),
    ...(found.length > limit && last ? { next: formatCursor(last) } : {}),
    names,
    ...certainty,
  }
}

/** A job is wanted for any of its attempts, and shown with all of them; its state is that of the last one. */
function readWanted(search: Search, window: Window): Condition {
  const state = JOB_STATES.find(state => state === search('status'))
  const others: Search = name => (name === 'status' && state ? undefined : search(name))
  const filters = readFilters(others, 'attempt', window)
  const matched = `countIf(${filters.sql}) > 0`
  if (!state) return { sql: matched, parameters: filters.parameters }
  return {
    sql: `${matched} AND argMax(${STATE}, ${ORDER}) = {state:String}`,
    parameters: { ...filters.parameters, state },
  }
}

/** What was said of some jobs: events as they were sent are heavy, and read for those alone that are shown. */
async function readJobs(store: Store, places: readonly Place[], attempts: Condition): Promise<ListedJob[]> {
  const rows = await store.query<{ id: string; first: string; last: string; attempts: number }>(
    `SELECT toString(${JOB_KEY}) AS id, argMin(raw, ${ORDER}) AS first, argMax(raw, ${ORDER}) AS last,
       toUInt32(greatest(max(attempt), count())) AS attempts
     FROM events
     WHERE ${attempts.sql} AND ${JOB_KEY} IN (arrayMap(id -> toUInt64(id), {ids:Array(String)}))
     GROUP BY ${JOB_KEY}`,
    { ...attempts.parameters, ids: places.map(({ id }) => id) },
  )
  const jobs = new Map(
    rows.map(({ id, first, last, attempts }) => [
      id,
      { ...factsOf(JSON.parse(first) as AnalyticsEvent, JSON.parse(last) as AnalyticsEvent), attempts },
    ]),
  )
  return places.map(({ id }) => jobs.get(id)).filter(job => job !== undefined)
}
