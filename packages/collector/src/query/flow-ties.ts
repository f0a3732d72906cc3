import type { Store } from '../store/store.js'
import { IS_ATTEMPT } from './attempts.js'
import { readFilters } from './filters.js'
import { type Condition, inWindow, type Search, since, type Window } from './parameters.js'
import { callsFromPages } from './stay.js'
import { IS_REQUEST } from './stored.js'
import { FLOW, splitJob } from './tracks.js'

/** What a page's visitors called. */
export interface Calls {
  flow: string
  requests: number
}

/** Jobs that a flow's requests enqueued. */
export interface FlowJob {
  job: string
  queue: string | null
  /** That ended, well or not. */
  attempts: number
  failures: number
}

/** What is tied to what is looked up among so many requests at most, the latest of the window. */
const MOST_TIED = 50_000
const MOST_SHOWN = 10

/** The window's latest part, with about as many requests as are looked at. */
function latest({ from, to }: Window, total: number): Window {
  return { from: Math.floor(Math.max(from, to - ((to - from) * MOST_TIED) / Math.max(1, total))), to }
}

function requestsOf(search: Search, window: Window, total: number): Condition {
  const part = latest(window, total)
  const within = inWindow(part)
  const filters = readFilters(search, 'request', part)
  return {
    sql: `${IS_REQUEST} AND ${within.sql} AND ${filters.sql}`,
    parameters: { ...filters.parameters, ...within.parameters },
  }
}

/** What people's browsers called after they opened a page. */
export async function readCalls(
  store: Store,
  search: Search,
  window: Window,
  total: number,
): Promise<Map<string, Calls[]>> {
  const { sql, parameters } = requestsOf(search, window, total)
  const rows = await store.query<{ page: string; call: string; requests: number }>(
    `SELECT page, call, sum(weight) AS requests FROM (${callsFromPages({ call: FLOW, page: FLOW, where: sql })})
     GROUP BY page, call ORDER BY requests DESC, call LIMIT ${MOST_SHOWN} BY page`,
    parameters,
  )
  return gather(
    rows,
    ({ page }) => page,
    ({ call, requests }) => ({ flow: call.trim(), requests: Math.round(Number(requests)) }),
  )
}

/** What became of the jobs that requests enqueued: told by the request's id. */
export async function readFlowJobs(
  store: Store,
  search: Search,
  window: Window,
  total: number,
): Promise<Map<string, FlowJob[]>> {
  const { sql, parameters } = requestsOf(search, window, total)
  const attempts = `${IS_ATTEMPT} AND request_id != '' AND ${since('from')}`
  const rows = await store.query<{ flow: string; job: string; attempts: number; failures: number }>(
    `SELECT r.flow AS flow, a.job AS job, sum(a.ended) AS attempts, sum(a.failed) AS failures
     FROM (
       SELECT site, request_id, concat(task_name, '\\n', queue) AS job,
         countIf(event = 'task_completed' OR final) AS ended, countIf(final) AS failed
       FROM events WHERE ${attempts} GROUP BY site, request_id, job
     ) AS a
     INNER JOIN (
       SELECT site, request_id, any(${FLOW}) AS flow FROM events
       WHERE ${sql} AND (site, request_id) IN (SELECT site, request_id FROM events WHERE ${attempts})
       GROUP BY site, request_id
     ) AS r ON a.site = r.site AND a.request_id = r.request_id
     GROUP BY flow, job ORDER BY failures DESC, attempts DESC, job LIMIT ${MOST_SHOWN} BY flow`,
    parameters,
  )
  return gather(
    rows,
    ({ flow }) => flow,
    ({ job, attempts, failures }) => ({
      ...splitJob(job),
      attempts: Number(attempts),
      failures: Number(failures),
    }),
  )
}

function gather<Row, Tie>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  tieOf: (row: Row) => Tie,
): Map<string, Tie[]> {
  const ties = new Map<string, Tie[]>()
  for (const row of rows) {
    const key = keyOf(row)
    ties.set(key, [...(ties.get(key) ?? []), tieOf(row)])
  }
  return ties
}
