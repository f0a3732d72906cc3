import { resolveAdapterSettings } from '../adapter-config.js'
import { createAnalytics } from '../analytics.js'
import { type Analytics, intakeOf } from '../client.js'
import { OPTION_NAMES, resolveSettings } from '../config.js'
import { printed } from '../log.js'
import type { AnalyticsOptions } from '../options.js'
import { checkNames } from '../rules.js'
import { type Carrier, carryThreads, currentThread, type Thread } from './context.js'
import type { Task } from './task-event.js'
import { Attempt, NO_ATTEMPT, type TaskRecord } from './task-record.js'
import { WithheldExceptions } from './withheld.js'

/** What an adapter for a job queue takes: the options of a client, or a client. */
export interface TaskOptions extends AnalyticsOptions {
  /** A client made with `createAnalytics`, shared with other adapters, in place of the options that make one. */
  client?: Analytics | undefined
}

/** Records the attempts of one worker. */
export interface TaskCapture {
  /** The client given as `client`, or the one made of the options. */
  readonly client: Analytics
  readonly enabled: boolean
  /** Begins the record of one attempt. */
  begin(task: Task): TaskRecord
  /** Closes a client that was made here; one that was given is only flushed. */
  close(): Promise<boolean>
}

/**
 * Sets up what a worker's adapter tells to.
 * @param sdk the adapter's name on the wire, without version: `bullmq`
 * @throws {JustAnalyticsError} for a wrong option
 */
export function createTaskCapture(sdk: string, options: TaskOptions = {}): TaskCapture {
  const { given, own } = partOptions(options)
  const client = given ?? createAnalytics(own)
  const intake = intakeOf(client)
  if (!intake) return { client, enabled: false, begin: () => NO_ATTEMPT, close: () => client.close() }

  const withheld = new WithheldExceptions(intake)
  return {
    client,
    enabled: true,
    begin(task) {
      try {
        return new Attempt({ sdk, intake, withheld }, task)
      } catch (error) {
        intake.warn(`could not record a task: ${printed(error)}`)
        return NO_ATTEMPT
      }
    },
    close() {
      withheld.settleAll()
      return given ? client.flush() : client.close()
    },
  }
}

/**
 * For who enqueues jobs: what a job enqueued now is to carry, `undefined` where nothing is known.
 * @param makeCarrier called once a process
 * @returns `undefined` where the client is disabled
 * @throws {JustAnalyticsError} for a wrong option
 */
export function createThreadSource(
  makeCarrier: () => Carrier,
  options: TaskOptions = {},
): (() => Thread | undefined) | undefined {
  const { given, own } = partOptions(options)
  const settings = given ? intakeOf(given)?.settings : resolveSettings(own)
  if (settings?.apiKey === undefined || settings.siteId === undefined) return undefined
  carryThreads(makeCarrier)
  const { release } = settings
  return () => {
    const thread = { ...currentThread(), ...(release !== undefined && { release }) }
    return Object.keys(thread).length > 0 ? thread : undefined
  }
}

function partOptions(options: TaskOptions): { given: Analytics | undefined; own: AnalyticsOptions } {
  checkNames(options, [...OPTION_NAMES, 'client'])
  const { settings, clientOptions } = resolveAdapterSettings(options)
  return { given: settings.client, own: clientOptions }
}
