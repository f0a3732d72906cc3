import type { AnalyticsEvent } from '@justanalytics/core/event'
import { JOBS } from '../back-office.js'
import { type Random, whole } from '../traffic/random.js'
import { event } from './events.js'
import type { Fault } from './faults.js'

/** As the applications ask for it. */
const MAX_ATTEMPTS = 3
const BACKOFF = 200
/** What the attempts take, in milliseconds. */
const TYPICAL = { receipt: 27, stock: 6 } as const

/** Hands out the jobs' ids, each queue's from 1. */
export interface JobIds {
  receipt: number
  stock: number
}

/**
 * The attempts at the jobs that a paid order leaves.
 *
 * @param paid the request that enqueued them
 * @param worker the service that works on them
 * @param fault why the receipt cannot be sent
 */
export function attemptsOf(
  paid: AnalyticsEvent,
  worker: string,
  ids: JobIds,
  fault: Fault | undefined,
  random: Random,
): AnalyticsEvent[] {
  const { request_id, trace_id, visitor_id, user_id, release, environment, duration_ms } = paid.properties
  const thread = {
    request_id,
    trace_id,
    visitor_id,
    ...(user_id ? { user_id } : {}),
    enqueued_release: release,
  }
  const enqueued = Date.parse(paid.timestamp) + Number(duration_ms)

  function attempt(job: keyof JobIds, number: number, time: number, failure?: Fault): AnalyticsEvent {
    const properties = {
      release,
      environment,
      service: worker,
      task_name: JOBS[job].name,
      task_id: String(ids[job]),
      queue: JOBS[job].queue,
      attempt: number,
      max_attempts: MAX_ATTEMPTS,
      duration_ms: TYPICAL[job] + whole(random, 0, 400) / 100,
      ...(number === 1 && { wait_ms: Math.round(time - enqueued) }),
      ...thread,
    }
    if (!failure) return event(paid.site_id, time, 'task_completed', { ...properties, state: 'completed' })
    const final = number === MAX_ATTEMPTS
    const told = { ...properties, ...failure.facts, final, reason: final ? 'exhausted' : 'error' }
    return event(paid.site_id, time, 'task_failed', told)
  }

  ids.receipt++
  ids.stock++
  const events = [attempt('stock', 1, Math.floor(enqueued + whole(random, 1, 8)))]
  let time = Math.floor(enqueued + whole(random, 1, 8))
  if (!fault) return [...events, attempt('receipt', 1, time)]
  for (let number = 1; number <= MAX_ATTEMPTS; number++) {
    events.push(attempt('receipt', number, time, fault))
    time += TYPICAL.receipt + BACKOFF * 2 ** (number - 1)
  }
  return events
}
