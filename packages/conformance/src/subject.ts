import type { AdapterOptions } from '@justanalytics/core/adapter'
import type { Stage } from './stage.js'

/** One adapter on one major of its framework, as its test describes it to the suite. */
export interface HttpSubject {
  /** Framework and major, as the report names the column: `fastify 5`. */
  name: string
  /** Starts the application of {@link ROUTES} on a real port of 127.0.0.1. */
  start(setup: Setup): Promise<Running>
  /** Cases that this framework cannot fulfil, each with the reason. They still run, and must fail. */
  cannot?: Readonly<Record<string, string>>
}

export interface Setup {
  /** For the adapter, as they are. */
  options: AdapterOptions<unknown>
  /** 0: the application alone, as its own twin; 2: a second adapter with the same options on the same requests. */
  adapters: 0 | 1 | 2
  /** Where the application's routes and the case meet. */
  stage: Stage
}

export interface Running {
  /** Without a slash at the end. */
  url: string
  /** Takes no new request, serves those under way to their end, then closes the adapter as its README says. */
  close(): Promise<void>
  /**
   * How many listeners there are wherever one more would change what the framework does
   * (Koa logs an error itself only while `app` has no listener for it).
   */
  listeners?(): Record<string, number>
}
