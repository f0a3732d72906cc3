import { platform } from '#platform'
import type { Settings } from '../config.js'
import { checkProperties } from '../event/check.js'
import type { ErrorFacts } from '../event/exception.js'
import { newId } from '../event/id.js'
import { iso } from '../event/iso.js'
import { kindsOf } from '../event/kinds.js'
import { eventName } from '../event/name.js'
import { createSecretTest, type SecretTest } from '../event/redact.js'
import { type RequestEvent, RequestText, requestProperties } from '../event/request-text.js'
import type { AnalyticsEvent, CommonProperties, EventProperties } from '../event/schema.js'
import { serialise } from '../event/serialise.js'
import { snapshotProperties } from '../event/values.js'
import { printed, type Warn } from '../log.js'
import { isPromise } from '../promise.js'
import type { Ledger, Losses } from '../queue/ledger.js'
import { LANE, type Lane } from '../queue/queue.js'
import { version } from '../version.js'
import type { Backlog } from './backlog.js'
import { Storm } from './storm.js'

/** Where finished events go. */
export interface Outlet {
  readonly ledger: Ledger
  push(text: string, lane: Lane): void
}

/** An event before it is given what all events carry. */
export interface Draft {
  readonly event: string
  readonly id?: string
  /** Milliseconds since 1970. */
  readonly time?: number
  readonly lane: Lane
  /** Which adapter saw it, without version. */
  readonly sdk: string
  /** The schema's own properties, within their limits. */
  readonly properties: EventProperties
  /** What the application adds; it never overwrites a name of the schema. */
  readonly custom?: unknown
}

/** From what was seen to a finished text: completes, asks `beforeSend`, serialises, hands on. Never throws. */
export class Intake {
  readonly isSecret: SecretTest
  readonly settings: Settings
  readonly warn: Warn
  /** Without one, every request is told of when it ends. */
  readonly backlog: Backlog | undefined
  readonly #outlet: Outlet
  readonly #common: CommonProperties
  readonly #storm = new Storm()

  constructor(settings: Settings, outlet: Outlet, warn: Warn, backlog?: Backlog) {
    this.settings = settings
    this.warn = warn
    this.backlog = backlog
    this.isSecret = createSecretTest(settings.redact)
    this.#outlet = outlet
    this.#common = commonProperties(settings)
  }

  /** Runs what makes events of the application's own calls: a fault of ours in it must not become theirs. */
  guard(make: () => void): void {
    try {
      make()
    } catch (error) {
      this.#lose(error)
    }
  }

  #lose(error: unknown): void {
    this.#outlet.ledger.captured++
    this.#outlet.ledger.drop('internal')
    this.warn(`could not make an event: ${printed(error)}`)
  }

  /** Takes one event, behind those of the requests that ended before it. */
  take(draft: Draft): void {
    this.backlog?.clear()
    this.#take(draft)
  }

  #take(draft: Draft): void {
    const { ledger } = this.#outlet
    this.guard(() => {
      const event = this.#complete(draft)
      const kept = this.settings.beforeSend ? this.#askBeforeSend(event) : event
      const text = kept && serialise(kept)
      if (text !== null) {
        this.#put(text, draft.lane)
        return
      }
      ledger.captured++
      ledger.drop('before_send')
    })
  }

  /** What takes the events of one adapter's requests. Never throws. */
  requestsOf(sdk: string): (request: RequestEvent, lane: Lane) => void {
    const { beforeSend, siteId } = this.settings
    const requestText = new RequestText(siteId as string, { ...this.#common, sdk: `${sdk}/${version}` })
    return (request, lane) => {
      const { event, id, time } = request
      if (beforeSend) {
        this.#take({ event, id, time, lane, sdk, properties: requestProperties(request) })
        return
      }
      try {
        this.#put(requestText.write(request), lane)
      } catch (error) {
        this.#lose(error)
      }
    }
  }

  /** Takes an exception, unless it is one of a storm of equal ones. */
  takeException(draft: Draft, facts: ErrorFacts): void {
    const [, throwSite] = facts.traceback.split('\n', 2)
    const repeated = this.#storm.admit(`${facts.exception_type}\n${facts.exception_message}\n${throwSite}`)
    if (repeated === undefined) this.skip('repeated')
    else if (repeated === 0) this.take(draft)
    else this.take({ ...draft, properties: { ...draft.properties, repeated } })
  }

  /** An event is counted only now: the application's code that runs until here may look at the ledger. */
  #put(text: string, lane: Lane): void {
    this.#outlet.ledger.captured++
    this.#outlet.push(text, lane)
  }

  /** Counts an event that is left out on purpose. */
  skip(reason: 'sampled' | 'repeated'): void {
    this.#outlet.ledger.captured++
    this.#outlet.ledger.drop(reason)
  }

  /** The text of a `client_report`; the ledger does not count it, it is about the ledger. */
  report({ dropped, since, until }: Losses): string {
    const properties = { dropped, since: iso(since), until: iso(until) }
    return serialise(this.#complete({ event: 'client_report', lane: LANE.failure, sdk: 'core', properties }))
  }

  /** Before the last batch: what was counted and had no later exception to ride with becomes a loss to report. */
  settleStorm(): void {
    this.#outlet.ledger.owe('repeated', this.#storm.takeUntold())
  }

  #complete({ event, id = newId(), time = Date.now(), sdk, properties, custom }: Draft): AnalyticsEvent {
    return {
      site_id: this.settings.siteId as string,
      event,
      event_id: id,
      timestamp: iso(time),
      properties: {
        ...(custom !== undefined && this.#custom(event, custom, properties)),
        ...properties,
        ...this.#common,
        sdk: `${sdk}/${version}`,
      },
    }
  }

  /**
   * Without the names that are ours to say, and without values that would cost the whole event: an event of the
   * schema made by hand brings its own, of the right kind.
   */
  #custom(event: string, custom: unknown, properties: EventProperties): EventProperties {
    const taken = snapshotProperties(custom, this.isSecret)
    const { user_id } = taken
    const ours = kindsOf(event === 'exception' ? event : '')
    for (const [name, value] of Object.entries(taken)) {
      if (ours.has(name) || properties[name] !== undefined) delete taken[name]
      else if (kindsOf(event).has(name)) {
        const checked = checkProperties(event, { [name]: value })
        if (typeof checked !== 'string') continue
        delete taken[name]
        this.warn(`left out of a captured ${event}: ${checked}.`)
      }
    }
    // Only the application knows who is hit outside a request.
    if (properties.user_id === undefined && (typeof user_id === 'string' || typeof user_id === 'number')) {
      taken.user_id = String(user_id)
    }
    return taken
  }

  #askBeforeSend(event: AnalyticsEvent): AnalyticsEvent | null {
    const { site_id, event_id, timestamp } = event
    try {
      const answer: unknown = this.settings.beforeSend?.(event)
      if (answer === null) return null
      const { event: name, properties } = answer as AnalyticsEvent
      if (isPromise(answer) || typeof properties !== 'object' || properties === null) {
        throw new TypeError('it returned neither an event nor null')
      }
      const checked = checkProperties(name, properties, this.isSecret)
      if (typeof checked === 'string') throw new TypeError(checked)
      return { site_id, event: eventName(name), event_id, timestamp, properties: checked }
    } catch (error) {
      // It may be someone's redaction: what it did not see to its end is not sent.
      this.warn(`beforeSend failed, so its event was dropped: ${printed(error)}`)
      return null
    }
  }
}

function commonProperties({ release, environment, service }: Settings): CommonProperties {
  const host = platform.hostName()
  return {
    ...(release !== undefined && { release }),
    environment,
    ...(service !== undefined && { service }),
    ...(host !== undefined && { host }),
  }
}
