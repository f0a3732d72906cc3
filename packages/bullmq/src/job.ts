import type { Task, TaskFailureReason } from '@justanalytics/core/adapter'
import { threadOf } from './metadata.js'

/** What is read of a job; those of BullMQ 5 and 6 have it all. */
export interface Job {
  readonly id?: string | undefined
  readonly name: string
  readonly opts: {
    readonly attempts?: number | undefined
    readonly delay?: number | undefined
    readonly telemetry?: { readonly metadata?: string | undefined } | undefined
  }
  readonly attemptsMade: number
  readonly attemptsStarted: number
  readonly stalledCounter: number
  readonly timestamp: number
  readonly processedOn?: number | undefined
  readonly finishedOn?: number | undefined
  /** Of the worker that runs it. */
  readonly token?: string | undefined
  /** Why BullMQ fails it without running it. */
  readonly deferredFailure?: string | undefined
}

/** The limits a worker was given. */
export interface WorkerLimits {
  readonly maxStalledCount?: number | undefined
  readonly maxStartedAttempts?: number | undefined
}

/** @param attempt which one of the job's this is, from 1 */
export function taskOf(job: Job, queue: string, attempt: number): Task {
  const { processedOn, timestamp, opts } = job
  // Later starts wait for a retry, for children, or for a stall to be noticed.
  const first = job.attemptsStarted === 1 && processedOn !== undefined
  return {
    name: job.name,
    id: job.id ?? null,
    queue,
    attempt,
    // 0 is allowed and means one.
    maxAttempts: opts.attempts || 1,
    begun: processedOn ?? Date.now(),
    wait: first ? processedOn - (timestamp + (opts.delay ?? 0)) : undefined,
    thread: threadOf(opts.telemetry?.metadata),
  }
}

/** How long the attempt took that has just ended; one that will be retried has no end of its own. */
export function durationOf({ processedOn, finishedOn }: Job): number | null {
  return processedOn === undefined ? null : (finishedOn ?? Date.now()) - processedOn
}

/** Why an attempt has failed, told from what BullMQ decided and not from what it was given. */
export function reasonOf(job: Job, error: unknown, limits: WorkerLimits): TaskFailureReason {
  const { maxStalledCount = 1, maxStartedAttempts } = limits
  // Early releases of BullMQ 5 fail a job that stalled too often without giving it to a worker.
  if (!job.token) return 'stalled'
  if (job.finishedOn === undefined || job.finishedOn === null) return 'error'
  if (job.deferredFailure) return job.stalledCounter > maxStalledCount ? 'stalled' : 'child_failed'
  if (codeOf(error) === HAS_FAILED_CHILDREN) return 'child_failed'
  // It was not even run.
  if (maxStartedAttempts && job.attemptsStarted > maxStartedAttempts) return 'exhausted'
  if (isUnrecoverable(error)) return 'unrecoverable'
  const exhausted =
    job.attemptsMade >= (job.opts.attempts ?? 0) ||
    (maxStartedAttempts && job.attemptsStarted >= maxStartedAttempts)
  return exhausted ? 'exhausted' : 'backoff_stop'
}

/** BullMQ's code for a parent that cannot complete because of a child. */
const HAS_FAILED_CHILDREN = -9

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Of BullMQ's class or one made from it, told by name: the class itself would have to be imported. */
function isUnrecoverable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.name === UNRECOVERABLE) return true
  for (let made = Object.getPrototypeOf(error); made !== null; made = Object.getPrototypeOf(made)) {
    if (made.constructor?.name === UNRECOVERABLE) return true
  }
  return false
}

const UNRECOVERABLE = 'UnrecoverableError'
