import type { AnalyticsEvent, AnalyticsOptions } from '@justanalytics/core'
import { createRecorder, type Recorder } from '@justanalytics/core/testing'
import type { FlowProducer, Processor, Queue, QueueOptions, Worker, WorkerOptions } from 'bullmq'
import { instrumentQueue, instrumentWorker } from '../src/index.js'
import type { BullMQ } from './majors.js'
import type { Redis } from './redis.js'

/** A client that keeps what it is told, and lets a test wait for it. */
export class Ear {
  readonly client: Recorder
  #watchers: (() => void)[] = []

  constructor(options: AnalyticsOptions = {}) {
    this.client = createRecorder({
      ...options,
      beforeSend: event => {
        // The event is there once this has returned.
        queueMicrotask(() => {
          for (const watcher of this.#watchers.splice(0)) watcher()
        })
        return event
      },
    })
  }

  get events(): readonly AnalyticsEvent[] {
    return this.client.events
  }

  async until(enough: (events: readonly AnalyticsEvent[]) => boolean): Promise<readonly AnalyticsEvent[]> {
    while (!enough(this.events)) await new Promise<void>(resolve => this.#watchers.push(resolve))
    return this.events
  }
}

/** The last event of a job: it is completed, or failed and not tried again. */
export function isEnd({ event, properties }: AnalyticsEvent): boolean {
  return event === 'task_completed' || properties.final === true
}

type QueueSetup = Partial<QueueOptions> & { queue?: string }
type WorkerSetup = Partial<WorkerOptions> & { queue?: string }

let stages = 0

/** Queues and workers of one test, on one major; all closed at its end. */
export class Stage implements AsyncDisposable {
  readonly ear: Ear
  /** The name of its queue. */
  readonly name: string = `queue-${process.pid}-${++stages}`
  readonly #bullmq: BullMQ
  readonly #connection: Redis['connection']
  readonly #closing: { close(): Promise<unknown> }[] = []

  constructor(bullmq: BullMQ, redis: Redis, options?: AnalyticsOptions) {
    this.#bullmq = bullmq
    this.#connection = redis.connection
    this.ear = new Ear(options)
  }

  queue(setup?: QueueSetup): Queue {
    const queue = this.bareQueue(setup)
    instrumentQueue(queue, { client: this.ear.client })
    return queue
  }

  /** Without instruments. */
  bareQueue({ queue = this.name, ...options }: QueueSetup = {}): Queue {
    return this.keep(quiet(new this.#bullmq.Queue(queue, { connection: this.#connection, ...options })))
  }

  flows(options: Partial<QueueOptions> = {}): FlowProducer {
    const flows = this.keep(
      quiet(new this.#bullmq.FlowProducer({ connection: this.#connection, ...options })),
    )
    instrumentQueue(flows, { client: this.ear.client })
    return flows
  }

  worker(processor: Processor | URL | string, setup?: WorkerSetup): Worker {
    const worker = this.bareWorker(processor, setup)
    instrumentWorker(worker, { client: this.ear.client })
    return worker
  }

  /** Without instruments. */
  bareWorker(
    processor: Processor | URL | string,
    { queue = this.name, ...options }: WorkerSetup = {},
  ): Worker {
    const worker = quiet(
      new this.#bullmq.Worker(queue, processor, { connection: this.#connection, ...options }),
    )
    this.keep({
      // Closed while it still connects, BullMQ leaves what it asked meanwhile to fail unheard.
      close: async () => {
        await worker.waitUntilReady()
        await worker.close()
      },
    })
    return worker
  }

  keep<T extends { close(): Promise<unknown> }>(resource: T): T {
    this.#closing.unshift(resource)
    return resource
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#closing) await resource.close()
  }
}

/** Errors that nobody hears go to the console. */
function quiet<T extends { on(event: 'error', listener: () => void): unknown }>(resource: T): T {
  resource.on('error', () => {})
  return resource
}
