import { platform } from '#platform'
import { type AdapterSettings, resolveAdapterSettings } from '../adapter-config.js'
import { openClient } from '../analytics.js'
import { type Analytics, intakeOf } from '../client.js'
import type { RequestEvent } from '../event/request-text.js'
import { printed } from '../log.js'
import type { AdapterOptions } from '../options.js'
import type { Variables } from '../platform/platform.js'
import type { Lane } from '../queue/queue.js'
import { wrongOption } from '../rules.js'
import { createSlot } from '../slot.js'
import { within } from './context.js'
import type { RequestHeaders } from './facts.js'
import { HttpRecord } from './http-record.js'
import type { Intake } from './intake.js'
import { compileMatcher, type Match } from './match.js'
import { NO_RECORD, type RequestRecord, type RouteControl } from './request.js'
import { createVisitors, type Visitor } from './visitor.js'

/**
 * How one framework's request is read. The functions are the same for all requests, so that nothing is
 * allocated for one; what throws counts as unknown.
 */
export interface RequestReader<R> {
  /** The adapter's name on the wire, without version: `fastify`. */
  readonly sdk: string
  /** What two adapters on one request have in common: on Node the `IncomingMessage`. */
  identity(request: R): object
  method(request: R): string
  /** The request target as received, query included. */
  url(request: R): string
  /** By lower-case names. Asked once, as the request begins: later it has left the processor's caches. */
  headers(request: R): RequestHeaders
  /** The client's address as the framework sees it, its proxy settings obeyed. */
  address(request: R): string | undefined
  /** The full pattern with mount prefixes; asked late. `undefined` without a match. */
  route(request: R): string | undefined
  /** What the matched route says of itself, where the framework can tell; asked late. */
  control?(request: R): RouteControl | undefined
}

/** Records requests for one adapter. */
export interface HttpCapture<R> {
  /** The client given as `client`, or the one made of the options. */
  readonly client: Analytics
  readonly enabled: boolean
  /**
   * Begins the record of a request.
   * @param start when it arrived, on `performance.now()`'s clock; default now
   */
  begin(request: R, start?: number): RequestRecord
  /** The record that another adapter began for the same request: it also ends it. */
  join(request: R): RequestRecord | undefined
  /**
   * Runs the rest of a request, so that the jobs it enqueues are tied to it. A plain call where nobody enqueues
   * any. Events of a socket lose it: call it again behind what reads the body.
   */
  enter<T>(record: RequestRecord, next: () => T): T
  /** Closes a client that was made here; one that was given is only flushed. */
  close(): Promise<boolean>
}

/** What an adapter's records share. */
export interface HttpContext<R> {
  readonly intake: Intake
  readonly takeRequest: (request: RequestEvent, lane: Lane) => void
  readonly reader: RequestReader<R>
  readonly settings: AdapterSettings<R>
  readonly ignore: Match<R> | undefined
  readonly api: Match<R> | undefined
  readonly visitorOf: (address: string, userAgent: string, now: number) => Visitor
}

interface Joinable extends RequestRecord {
  routeFrom(route: () => string | undefined): void
}

/** One process may hold several adapters, and a request passes through more than one of them. */
const records = createSlot<Joinable>()

/**
 * Sets an adapter up.
 * @param late variables that came with a request, as on Workers; they add to those of the process
 * @throws {JustAnalyticsError} for a wrong option
 */
export function createHttpCapture<R>(
  reader: RequestReader<R>,
  options: AdapterOptions<R> = {},
  late?: Variables,
): HttpCapture<R> {
  const { settings, clientOptions } = resolveAdapterSettings(options)
  const client = settings.client ?? openClient(clientOptions, late, platform.onDemand && !late)
  const close = (): Promise<boolean> => (settings.client ? client.flush() : client.close())
  const intake = intakeOf(client)
  // Another copy of core made it: what it holds is out of reach.
  if (!intake && client.enabled) {
    throw wrongOption('client', 'a client made by the same installation of @justanalytics/core', 'another')
  }
  if (!intake) {
    return {
      client,
      enabled: false,
      begin: () => NO_RECORD,
      join: () => undefined,
      enter: (_record, next) => next(),
      close,
    }
  }

  const context: HttpContext<R> = {
    intake,
    takeRequest: intake.requestsOf(reader.sdk),
    reader,
    settings,
    ignore: compileMatcher(settings.ignore),
    api: compileMatcher(settings.api),
    visitorOf: createVisitors(intake.settings.apiKey as string),
  }
  return {
    client,
    enabled: true,
    begin(request, start) {
      try {
        const record = new HttpRecord(context, request, start)
        records.set(reader.identity(request), record)
        return record
      } catch (error) {
        intake.warn(`could not record a request: ${printed(error)}`)
        return NO_RECORD
      }
    },
    join(request) {
      try {
        const record = records.get(reader.identity(request))
        record?.routeFrom(() => reader.route(request))
        return record
      } catch {
        return undefined
      }
    },
    enter: within,
    close,
  }
}
