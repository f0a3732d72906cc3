import type { AnalyticsEvent } from '@justanalytics/core/event'
import { isFault, readFault } from '../grouping/fault.js'
import { type Group, groupOf } from '../grouping/key.js'
import type { ResolvedFault } from '../sourcemaps/resolver.js'
import { moment } from '../store/schema.js'
import type { Row } from '../store/store.js'
import { readAgent } from './agent.js'

/** Columns hold at most this many UTF-16 units of a text; the event as sent is beside them. */
const LONGEST = 2048
const MOST_WEIGHT = 1_000_000
const EARLIEST = 0
const NO_GROUP: Group = { id: '', title: '', culprit: '', why: [] }

function text(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  // The engine's reader refuses half a surrogate pair, and with it the whole batch.
  return typeof value === 'string' ? value.slice(0, LONGEST).toWellFormed() : ''
}

function number(value: unknown, most: number): number {
  return typeof value === 'number' && value > 0 ? Math.min(value, most) : 0
}

function whole(value: unknown, most: number): number {
  return Math.trunc(number(value, most))
}

function flag(value: unknown): 0 | 1 {
  return value === true ? 1 : 0
}

/** A client that does not tell apart what a page view was reports what people open. */
function opensPage({ event, properties: { navigation, method } }: AnalyticsEvent): 0 | 1 {
  const isTold = navigation !== undefined && navigation !== null
  if (isTold || event !== 'pageview') return flag(navigation)
  return method === undefined || method === null || method === 'GET' ? 1 : 0
}

/** A code of ISO 3166-1; anything else may be of a client's own making, and is in no list of countries. */
function readCountry(value: unknown): string {
  return typeof value === 'string' && /^[A-Z]{2}$/.test(value) ? value : ''
}

/** The event's own moment, never later than its receipt: a clock that is ahead must not hide events. */
function happenedAt(event: AnalyticsEvent, received: number): number {
  const at = Date.parse(event.timestamp)
  return Number.isNaN(at) ? received : Math.max(EARLIEST, Math.min(at, received))
}

/**
 * One event as a row of the `events` table (store/schema.ts).
 * @param resolved what source maps made of a fault
 */
export function toRow(event: AnalyticsEvent, received: number, resolved?: ResolvedFault): Row {
  const p = event.properties
  const group = isFault(event) ? groupOf(resolved?.fault ?? readFault(event)) : NO_GROUP
  const agent = readAgent(text(p.user_agent))
  return {
    site: event.site_id,
    event: text(event.event),
    timestamp: moment(happenedAt(event, received)),
    received_at: moment(received),
    event_id: event.event_id,
    release: text(p.release),
    environment: text(p.environment),
    service: text(p.service),
    host: text(p.host),
    route: text(p.route),
    path: text(p.path),
    method: text(p.method),
    status: whole(p.status_code, 999),
    outcome: text(p.outcome),
    duration: number(p.duration_ms, Number.MAX_SAFE_INTEGER),
    weight: Math.max(1, number(p.weight, MOST_WEIGHT)),
    navigation: opensPage(event),
    referrer: text(p.referrer),
    user_agent: text(p.user_agent),
    utm_source: text(p.utm_source),
    utm_medium: text(p.utm_medium),
    utm_campaign: text(p.utm_campaign),
    user_id: text(p.user_id),
    visitor_id: text(p.visitor_id),
    request_id: text(p.request_id),
    trace_id: text(p.trace_id),
    exception_type: text(p.exception_type),
    exception_message: text(p.exception_message),
    mechanism: text(p.mechanism),
    borrowed_status: flag(p.borrowed_status),
    task_name: text(p.task_name),
    task_id: text(p.task_id),
    queue: text(p.queue),
    attempt: whole(p.attempt, 1_000_000),
    wait: number(p.wait_ms, Number.MAX_SAFE_INTEGER),
    // A client that does not know of attempts reports a failure once, when it is final.
    final: event.event === 'task_failed' && p.final !== false ? 1 : 0,
    group_id: group.id,
    title: group.title,
    culprit: text(group.culprit),
    why: group.id === '' ? '' : JSON.stringify(group.why).toWellFormed(),
    frames: resolved ? JSON.stringify(resolved.shown).toWellFormed() : '',
    repeated: whole(p.repeated, 1_000_000_000),
    bot: agent.bot ? 1 : 0,
    browser: agent.browser,
    country: readCountry(p.country),
    raw: JSON.stringify(event),
  }
}
