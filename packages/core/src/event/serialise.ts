import { fit, fitEntries } from './fit.js'
import { jsonSize } from './json-size.js'
import { kindsOf, limitOf } from './kinds.js'
import { LIMITS } from './limits.js'
import type { AnalyticsEvent, EventProperties } from './schema.js'
import { byteLength, cut } from './text.js'
import { snapshotProperties } from './values.js'

/** A text of so many UTF-16 units has no more than three times as many bytes. */
const SURELY_SMALL = Math.floor(LIMITS.eventBytes / 3)
/** An event is not shrunk below it: nothing worth sending would be left. */
const SMALLEST = 2048
/** For all but the properties. */
const HEAD = 1024

/**
 * An event as JSON text of at most 64 KiB. Never throws.
 *
 * What is over is taken from the custom properties, the biggest first, and marked. Only what they cannot
 * give is taken from the schema's own values, in the same way; their names stay.
 */
export function serialise(event: AnalyticsEvent): string {
  const text = stringify(event)
  if (text.length <= SURELY_SMALL || byteLength(text) <= LIMITS.eventBytes) return text
  return stringifyWithin(LIMITS.eventBytes, JSON.parse(text) as AnalyticsEvent)
}

/** A version of an event's text of at most half its size; `null` if it should not get smaller. */
export function shrink(text: string): string | null {
  const size = byteLength(text)
  if (size <= SMALLEST) return null
  try {
    const event = JSON.parse(text) as AnalyticsEvent
    return event.properties ? stringifyWithin(Math.max(SMALLEST, Math.floor(size / 2)), event) : null
  } catch {
    return null
  }
}

function stringifyWithin(bytes: number, { properties, ...rest }: AnalyticsEvent): string {
  const head = fit(rest, HEAD) as object
  const kinds = kindsOf(rest.event)
  const entries = Object.entries(properties ?? {})
  const own = Object.fromEntries(entries.filter(([name]) => kinds.has(name)))
  const custom = Object.fromEntries(entries.filter(([name]) => !kinds.has(name)))
  const room = bytes - jsonSize({ ...head, properties: {} })
  const fittedCustom = fitEntries(custom, Math.max(room - jsonSize(own), Math.floor(room / 4)))
  const fittedOwn = fitEntries(own, room - jsonSize(fittedCustom))
  return JSON.stringify({ ...head, properties: { ...fittedOwn, ...fittedCustom } })
}

function stringify(event: AnalyticsEvent): string {
  try {
    const text = JSON.stringify(event)
    // JSON writes a lone surrogate as an escape.
    return text.includes('\\ud') ? JSON.stringify(event, toWellFormed) : text
  } catch {
    return JSON.stringify({ ...event, properties: toPlain(event) })
  }
}

function toWellFormed(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
  if (entries.every(([key]) => key.isWellFormed())) return value
  return Object.fromEntries(entries.map(([key, part]) => [key.toWellFormed(), part]))
}

/** Properties that JSON cannot write as they are; only a `beforeSend` may have left such. */
function toPlain({ event, properties }: AnalyticsEvent): EventProperties {
  const kinds = kindsOf(event)
  const plain = snapshotProperties(properties, () => false)
  for (const name of Object.keys(plain)) {
    const value = properties[name]
    if (kinds.has(name) && typeof value === 'string') plain[name] = cut(value, limitOf(name))
  }
  return plain
}
