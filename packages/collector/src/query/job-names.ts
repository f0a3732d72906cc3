import type { Store } from '../store/store.js'
import { IS_ATTEMPT } from './attempts.js'
import type { Condition } from './parameters.js'
import { IS_REQUEST } from './stored.js'

/** What the attempts at all jobs of one name and queue came to. */
export interface JobName {
  task_name: string
  queue: string | null
  done: number
  /** Failed for good. */
  failed: number
  /** Attempts that failed and were followed by another. */
  retried: number
  /** 95 of 100 first attempts began within so many milliseconds; `null` where no client told. */
  wait_p95_ms: number | null
  /** 95 of 100 attempts took so long or less. */
  run_p95_ms: number | null
  /** `METHOD route` of the requests that enqueued most of them, at most three. */
  caused_by: string[]
}

type Counted = Omit<JobName, 'queue' | 'caused_by'> & { queue: string }

const MOST_NAMES = 100
const MOST_CAUSES = 3
/** The causes of so many of the newest attempts are looked up. */
const LOOKED_UP = 20_000

/** A request enqueues what is attempted within a day: older ones are not looked at. */
const A_DAY_BEFORE =
  "timestamp >= {from:DateTime64(3, 'UTC')} - toIntervalDay(1) AND timestamp < {to:DateTime64(3, 'UTC')}"

/** @param attempts a condition with the parameters `from` and `to` in it */
export async function jobNames(store: Store, attempts: Condition): Promise<JobName[]> {
  const where = `${IS_ATTEMPT} AND ${attempts.sql}`
  const newest = `SELECT site, request_id, task_name, queue FROM events
    WHERE ${where} AND request_id != '' ORDER BY timestamp DESC LIMIT ${LOOKED_UP}`
  const [counted, caused] = await Promise.all([
    store.query<Counted>(
      `SELECT task_name, queue, countIf(event = 'task_completed') AS done, countIf(final) AS failed,
         countIf(event = 'task_failed' AND NOT final) AS retried,
         if(countIf(wait > 0) = 0, NULL, round(quantileTDigestIf(0.95)(wait, wait > 0), 2)) AS wait_p95_ms,
         if(countIf(duration > 0) = 0, NULL, round(quantileTDigestIf(0.95)(duration, duration > 0), 2)) AS run_p95_ms
       FROM events WHERE ${where} GROUP BY task_name, queue
       ORDER BY failed DESC, done DESC, task_name, queue LIMIT ${MOST_NAMES}`,
      attempts.parameters,
    ),
    store.query<{ task_name: string; queue: string; flow: string }>(
      `SELECT task_name, queue, flow FROM (
         SELECT DISTINCT site, request_id, task_name, queue FROM (${newest})
       ) AS jobs
       INNER JOIN (
         SELECT site, request_id, concat(method, ' ', route) AS flow FROM events
         WHERE ${IS_REQUEST} AND route != '' AND ${A_DAY_BEFORE} AND (site, request_id) IN (SELECT site, request_id FROM (${newest}))
       ) AS requests USING (site, request_id)
       GROUP BY task_name, queue, flow ORDER BY count() DESC, flow LIMIT ${MOST_CAUSES} BY task_name, queue`,
      attempts.parameters,
    ),
  ])
  return counted.map(({ queue, ...figures }) => ({
    ...figures,
    queue: queue || null,
    caused_by: caused
      .filter(cause => cause.task_name === figures.task_name && cause.queue === queue)
      .map(({ flow }) => flow),
  }))
}
