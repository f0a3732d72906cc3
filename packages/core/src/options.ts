import type { Analytics } from './client.js'
import type { AnalyticsEvent } from './event/schema.js'
import type { Logger } from './log.js'
import type { DropReason } from './queue/ledger.js'

type Maybe<T> = T | undefined

/** What `createAnalytics` takes; an option that is `undefined` counts as not given. */
export interface AnalyticsOptions {
  /** Bearer key of the site. Default: `JUSTANALYTICS_API_KEY`; without one the client is disabled. */
  apiKey?: Maybe<string>
  /** Default: `JUSTANALYTICS_SITE_ID`; without one the client is disabled. */
  siteId?: Maybe<string>
  /** Where events are posted. Default: `JUSTANALYTICS_ENDPOINT`, then `https://api.justanalytics.app/v1/events`. */
  endpoint?: Maybe<string>
  /** The deployed version. Default: `JUSTANALYTICS_RELEASE`, then the commit variables that hosts set. */
  release?: Maybe<string>
  /** Default: `JUSTANALYTICS_ENVIRONMENT`, then `NODE_ENV`, then `production`. */
  environment?: Maybe<string>
  /** Which of your services this is. Default: `JUSTANALYTICS_SERVICE`. */
  service?: Maybe<string>
  /**
   * Events that make a batch due before its time; 1 to 500. Default 100. Above 400 events a second, batches have more.
   */
  flushAt?: Maybe<number>
  /** Milliseconds an event waits for company at most. Default 2,000 (200 after an exception). */
  flushInterval?: Maybe<number>
  /** Events held at most, those in flight included. Default 5,000. */
  maxQueueSize?: Maybe<number>
  /** Bytes of event text held at most, in flight included; a quarter is kept for failures. Default 4 MiB. */
  maxQueueBytes?: Maybe<number>
  /** Milliseconds for one attempt in all: connecting, sending and the answer. Default 2,000. */
  requestTimeout?: Maybe<number>
  /** How often one event is sent again before it is given up (`expired`). Default: no count, 10 minutes. */
  maxRetries?: Maybe<number>
  /**
   * A folder on disk, made if missing. An event is delivered or in it within a second of its capture, so that it
   * outlives the process: the next client with this folder, endpoint and site sends it, and so does one that is
   * running already. Overflow goes there too, and what has waited for 10 minutes; after 24 hours it is given up
   * (`expired`). At most 16 MiB, then `spool_full`. Several processes may share a folder. Node only. Default: none.
   */
  spool?: Maybe<string>
  /** gzip bodies above 1 KiB. Default `true`. */
  compress?: Maybe<boolean>
  /** Sees every event before it is queued: returns it, a changed one, or `null` to drop it. */
  beforeSend?: Maybe<(event: AnalyticsEvent) => AnalyticsEvent | null>
  /** Key names that are redacted beside the built-in list, whatever their spelling. */
  redact?: Maybe<readonly string[]>
  /** Share of healthy requests that are sent, 0 to 1; failures always are. Default 1. */
  sampleRate?: Maybe<number>
  /**
   * Report crashes too, and deliver what is queued when the process crashes or calls `process.exit`, within a
   * second. Exit code and stderr stay Node's own. Default `false`.
   */
  captureUncaught?: Maybe<boolean>
  /** Allow an `http:` endpoint that is not loopback. Default `false`: the key would travel in the clear. */
  allowInsecure?: Maybe<boolean>
  /** Told of every loss as it happens. */
  onDrop?: Maybe<(loss: { reason: DropReason; count: number }) => void>
  /** Where warnings go. Default: stderr. */
  logger?: Maybe<Logger>
}

/** A path (`/health`), a prefix (`/assets/*`), a pattern, a predicate on the framework's request, or several. */
export type Matcher<R> = OneMatcher<R> | readonly OneMatcher<R>[]
type OneMatcher<R> = string | RegExp | ((request: R) => boolean)

/** What every HTTP adapter takes beside {@link AnalyticsOptions}; `R` is the framework's own request object. */
export interface AdapterOptions<R> extends AnalyticsOptions {
  /** A client made with `createAnalytics`, shared by several adapters, in place of the options that make one. */
  client?: Maybe<Analytics>
  /** Who made the request; asked soon after it has ended, so authentication anywhere on the way counts. */
  user?: Maybe<(request: R) => string | number | bigint | null | undefined>
  /** Requests that are left out altogether. */
  ignore?: Maybe<Matcher<R>>
  /** Requests that become `api_request` instead of `pageview`. */
  api?: Maybe<Matcher<R>>
  /** Asked for each error that would be reported by itself; `false` leaves it out. */
  shouldCapture?: Maybe<(error: unknown, request: R) => boolean>
  /** `true`, the default: a cookieless id; `false`: none; a function: your own id. */
  visitor?: Maybe<boolean | ((request: R) => string | null | undefined)>
  /** Query values of an `api_request`: `true`, the default: redacted; `false`: none; or the names to send. */
  queryParams?: Maybe<boolean | readonly string[]>
}
