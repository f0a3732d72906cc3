import { AsyncLocalStorage } from 'node:async_hooks'
import { createThreadSource, type TaskOptions, type Threaded } from '@justanalytics/core/adapter'
import { type FlowProducerLike, fillFlows } from './flow.js'
import { producerTelemetry, type Telemetry } from './telemetry.js'

/** A queue of BullMQ 5 or 6. */
export interface QueueLike {
  readonly name: string
  readonly opts: { telemetry?: unknown }
}

const instrumented = new WeakSet<object>()

/**
 * Lets every job that a queue or a flow producer takes carry the id, user, visitor and trace of the request it is
 * enqueued in, and this process's release: in its telemetry metadata, beside what the application's own
 * telemetry writes there. Call it right after the queue is made; a second call for the same queue does nothing.
 * @throws {JustAnalyticsError} for a wrong option
 */
export function instrumentQueue(queue: QueueLike | FlowProducerLike, options?: TaskOptions): void {
  const thread = createThreadSource(() => new AsyncLocalStorage<Threaded | undefined>(), options)
  if (!thread || instrumented.has(queue)) return
  instrumented.add(queue)

  const telemetry = producerTelemetry(queue.opts.telemetry as Telemetry | undefined, thread)
  queue.opts.telemetry = telemetry
  if (!('name' in queue)) fillFlows(queue, telemetry)
}
