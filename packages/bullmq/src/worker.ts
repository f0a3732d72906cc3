import {
  createTaskCapture,
  type TaskAnalytics,
  type TaskOptions,
  type TaskRecord,
} from '@justanalytics/core/adapter'
import { durationOf, type Job, reasonOf, taskOf, type WorkerLimits } from './job.js'
import { restored } from './sandboxed.js'
import { consumerTelemetry, type Telemetry } from './telemetry.js'

/** A worker of BullMQ 5 or 6. */
export interface WorkerLike {
  readonly name: string
  readonly opts: WorkerLimits & { telemetry?: unknown }
  prependListener(event: 'active' | 'completed', listener: (job: Job) => void): unknown
  prependListener(event: 'failed', listener: (job: Job | undefined, error: unknown) => void): unknown
}

const instrumented = new WeakSet<object>()
const records = new WeakMap<object, TaskRecord>()

/**
 * Tells of every attempt of every job that a worker runs: one `task_completed` or `task_failed` each. Call it
 * right after the worker is made; a second call for the same worker does nothing. `worker.close()` then also
 * sends what is queued.
 * @throws {JustAnalyticsError} for a wrong option
 */
export function instrumentWorker(worker: WorkerLike, options?: TaskOptions): void {
  const tasks = createTaskCapture('bullmq', options)
  if (!tasks.enabled || instrumented.has(worker)) return
  instrumented.add(worker)

  /** BullMQ counts an attempt when it ends, and the one that stalled for good not at all. */
  function recordOf(job: Job): TaskRecord {
    const attempt = job.token ? job.attemptsMade : job.attemptsMade + 1
    return records.get(job) ?? tasks.begin(taskOf(job, worker.name, attempt))
  }

  // BullMQ's own way of having its operations wrapped, with the application's telemetry inside.
  worker.opts.telemetry = consumerTelemetry(
    worker.opts.telemetry as Telemetry | undefined,
    worker.name,
    tasks.close,
  )
  // Before the application's own listeners: where one of them throws, the others are not called.
  worker.prependListener('active', job => {
    records.set(job, tasks.begin(taskOf(job, worker.name, job.attemptsMade + 1)))
  })
  worker.prependListener('completed', job => {
    recordOf(job).complete(durationOf(job))
  })
  worker.prependListener('failed', (job, error) => {
    if (!job) {
      tasks.begin({ ...GONE, queue: worker.name, begun: Date.now() }).fail(error, null, 'stalled')
      return
    }
    recordOf(job).fail(restored(error), durationOf(job), reasonOf(job, error, worker.opts))
  })
}

/** A job that stalled too often and is removed already. */
const GONE = { name: null, id: null, thread: undefined }

const UNKNOWN: TaskAnalytics = { capture() {}, captureException() {} }

/**
 * The client's verbs tied to a job, for its processor: what they capture carries the job's name and id, and the
 * request and user it comes from. For a job of no instrumented worker, a sandboxed processor's included, they
 * do nothing.
 */
export function jobAnalytics(job: object): TaskAnalytics {
  return records.get(job) ?? UNKNOWN
}
