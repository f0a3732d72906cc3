import type { TaskFailureReason } from '../event/schema.js'
import { snapshotProperties } from '../event/values.js'
import { printed } from '../log.js'
import type { Intake } from './intake.js'
import { completedDraft, failedDraft, type Task, taskFacts, threadTies } from './task-event.js'
import { captureEvent, exceptionDraft, type Sighting } from './verbs.js'
import type { WithheldExceptions } from './withheld.js'

/** The client's two verbs, tied to one attempt at a job. */
export interface TaskAnalytics {
  /** Captures a custom event that carries the job's name and id, and the request and user it comes from. */
  capture(event: string, properties?: Record<string, unknown>): void
  /** Reports an error; if the job then throws it, that is one failed task and no exception beside it. */
  captureException(error: unknown, properties?: Record<string, unknown>): void
}

/** One attempt's record, as adapters see it. The first end counts; nothing in it ever throws. */
export interface TaskRecord extends TaskAnalytics {
  /** @param duration milliseconds; `null` where unknown */
  complete(duration: number | null): void
  /**
   * @param duration milliseconds; `null` where unknown
   * @param reason `error` where a retry follows
   */
  fail(error: unknown, duration: number | null, reason: TaskFailureReason): void
}

/** Stands in where there is nothing to record: a disabled client. */
export const NO_ATTEMPT: TaskRecord = Object.freeze({
  capture() {},
  captureException() {},
  complete() {},
  fail() {},
})

/** What a worker's records share. */
export interface TaskContext {
  readonly sdk: string
  readonly intake: Intake
  readonly withheld: WithheldExceptions
}

export class Attempt implements TaskRecord {
  readonly #context: TaskContext
  readonly #task: Task
  #ended = false

  constructor(context: TaskContext, task: Task) {
    this.#context = context
    this.#task = task
  }

  capture(event: string, properties?: Record<string, unknown>): void {
    const { intake, sdk } = this.#context
    captureEvent(intake, sdk, event, properties, { ...threadTies(this.#task), ...taskFacts(this.#task) })
  }

  captureException(error: unknown, properties?: Record<string, unknown>): void {
    const { intake, sdk, withheld } = this.#context
    intake.guard(() => {
      const time = Date.now()
      const custom = properties && snapshotProperties(properties, intake.isSecret)
      const sighting: Sighting = {
        sdk,
        mechanism: 'manual',
        surroundings: { duration_ms: Math.max(0, time - this.#task.begun), ...threadTies(this.#task) },
        custom: { ...custom, ...taskFacts(this.#task) },
        time,
      }
      const seen = exceptionDraft(error, sighting, intake.isSecret)
      if (this.#ended) intake.takeException(seen.draft, seen.facts)
      else withheld.add(this, error, seen)
    })
  }

  complete(duration: number | null): void {
    this.#end(() => completedDraft(this.#context.sdk, this.#task, duration))
  }

  fail(error: unknown, duration: number | null, reason: TaskFailureReason): void {
    this.#end(() => {
      const custom = this.#context.withheld.claim(this, error)?.custom
      return failedDraft(
        this.#context.sdk,
        this.#task,
        duration,
        { error, reason, custom },
        this.#context.intake.isSecret,
      )
    })
  }

  #end(draft: () => ReturnType<typeof completedDraft>): void {
    if (this.#ended) return
    this.#ended = true
    const { intake, withheld } = this.#context
    try {
      intake.take(draft())
      withheld.settle(this)
    } catch (error) {
      intake.warn(`could not tell of a task: ${printed(error)}`)
    }
  }
}
