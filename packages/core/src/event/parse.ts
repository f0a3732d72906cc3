import { checkProperties } from './check.js'
import { newId } from './id.js'
import { LIMITS } from './limits.js'
import type { AnalyticsEvent } from './schema.js'
import { show } from './show.js'
import { parseTime } from './time.js'

/** An item of the input that is no event, and why in one sentence. */
export interface Rejection {
  /** Its place in the input array; 0 for a single object. */
  index: number
  reason: string
}

/** What {@link parseEvents} found. */
export interface ParsedEvents {
  events: { index: number; event: AnalyticsEvent }[]
  rejected: Rejection[]
}

/**
 * Reads parsed JSON that anyone may have sent: one event or an array of them. Never throws.
 *
 * An event without an id gets one, one without a timestamp the time it was `received`; properties known to
 * the schema are checked for their type and cut to their limit, all others limited as custom ones.
 */
export function parseEvents(input: unknown, received: Date = new Date()): ParsedEvents {
  const parsed: ParsedEvents = { events: [], rejected: [] }
  const items: unknown[] = Array.isArray(input) ? input : [input]
  for (const [index, item] of items.entries()) {
    try {
      const event = parseEvent(item, received)
      if (typeof event === 'string') parsed.rejected.push({ index, reason: event })
      else parsed.events.push({ index, event })
    } catch {
      parsed.rejected.push({ index, reason: 'expected an event as plain JSON data' })
    }
  }
  return parsed
}

/** The event, or the reason why it is none. */
function parseEvent(item: unknown, received: Date): AnalyticsEvent | string {
  if (!isRecord(item)) return `expected an event object, got ${show(item)}`
  const { site_id, event } = item
  if (!isName(site_id)) return expected('site_id', `a string of 1 to ${LIMITS.string} characters`, site_id)
  if (!isName(event)) return expected('event', `a string of 1 to ${LIMITS.string} characters`, event)
  const event_id = item.event_id ?? newId(received.getTime())
  if (typeof event_id !== 'string' || !ID.test(event_id)) {
    return expected('event_id', 'a string of 1 to 100 printable characters', event_id)
  }
  const timestamp = parseTime(item.timestamp ?? received.toISOString(), received)
  if (timestamp === undefined) {
    return expected('timestamp', 'an ISO 8601 time from 2000 to a day from now', item.timestamp)
  }
  const properties = item.properties ?? {}
  if (!isRecord(properties)) return expected('properties', 'an object', properties)
  const checked = checkProperties(event, properties)
  if (typeof checked === 'string') return checked
  return {
    site_id: site_id.toWellFormed(),
    event: event.toWellFormed(),
    event_id,
    timestamp,
    properties: checked,
  }
}

const ID = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}$/u

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > 2 * LIMITS.string) return false
  return value.length <= LIMITS.string || [...value].length <= LIMITS.string
}

const expected = (name: string, what: string, value: unknown): string =>
  `${name}: expected ${what}, got ${value === undefined ? 'nothing' : show(value)}`
