import { platform } from '#platform'
import { debugIdsOf } from '../event/debug-ids.js'
import { describeError } from '../event/exception.js'
import { LIMITS } from '../event/limits.js'
import type { SecretTest } from '../event/redact.js'
import type { EventProperties, TaskFailureReason } from '../event/schema.js'
import { cut } from '../event/text.js'
import { LANE } from '../queue/queue.js'
import type { Thread } from './context.js'
import type { Draft } from './intake.js'

/** One attempt at a job, as it is known when it begins. */
export interface Task {
  /** `null` where only its failure is known. */
  readonly name: string | null
  readonly id: string | null
  readonly queue: string
  /** From 1. */
  readonly attempt?: number
  readonly maxAttempts?: number
  /** Milliseconds since 1970. */
  readonly begun: number
  /** Milliseconds it waited beyond the delay it was given; the job's first start only. */
  readonly wait?: number | undefined
  /** What came with the job. */
  readonly thread: Thread | undefined
}

interface TaskFacts {
  task_name: string | null
  task_id: string | null
  queue: string
  attempt?: number
}

/** How a failed attempt is told. */
export interface TaskFailure {
  readonly error: unknown
  readonly reason: TaskFailureReason
  /** What the application said of the same error by hand. */
  readonly custom?: unknown
}

/** The one event of an attempt that succeeded. */
export function completedDraft(sdk: string, task: Task, duration: number | null): Draft {
  return {
    event: 'task_completed',
    time: task.begun,
    lane: LANE.healthy,
    sdk,
    properties: { ...about(task), state: 'completed', duration_ms: rounded(duration) },
  }
}

/** The one event of an attempt that failed; it is the job's exception too. */
export function failedDraft(
  sdk: string,
  task: Task,
  duration: number | null,
  failure: TaskFailure,
  isSecret: SecretTest,
): Draft {
  const { error, reason, custom } = failure
  const facts = describeError(error, isSecret)
  return {
    event: 'task_failed',
    time: task.begun,
    lane: LANE.failure,
    sdk,
    properties: {
      ...about(task),
      ...facts,
      ...debugIdsOf(facts, platform.debugIdOf),
      duration_ms: rounded(duration),
      final: reason !== 'error',
      reason,
    },
    custom,
  }
}

/** What an event from inside a task says of it. */
export function taskFacts({ name, id, queue, attempt }: Task): TaskFacts {
  return {
    task_name: name === null ? null : cut(name, LIMITS.string),
    task_id: id === null ? null : cut(id, LIMITS.string),
    queue: cut(queue, LIMITS.string),
    ...(attempt !== undefined && { attempt }),
  }
}

/** A thread's release is the enqueuer's: it must not pass for the worker's. */
export function threadTies({
  thread: { release, ...ties } = {},
}: Task): Omit<Thread, 'release'> & { enqueued_release?: string } {
  return release === undefined ? ties : { ...ties, enqueued_release: release }
}

function about(task: Task): EventProperties {
  const { maxAttempts, wait } = task
  return {
    ...taskFacts(task),
    ...(maxAttempts !== undefined && { max_attempts: maxAttempts }),
    ...(wait !== undefined && { wait_ms: Math.max(0, wait) }),
    ...threadTies(task),
  }
}

function rounded(duration: number | null): number | null {
  return duration === null ? null : Math.max(0, Math.round(duration * 100) / 100)
}
