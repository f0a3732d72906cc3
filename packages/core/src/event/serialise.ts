import { fit, fitEntries } from './fit.js'
import { kindsOf } from './kinds.js'
import { LIMITS } from './limits.js'
import type { AnalyticsEvent } from './schema.js'
import { byteLength } from './text.js'
import { snapshotProperties } from './values.js'

/** No UTF-16 unit is more than three bytes of UTF-8. */
const SURELY_SMALL = Math.floor(LIMITS.eventBytes / 3)
/** An event is not shrunk below it: nothing worth sending would be left. */
const SMALLEST = 512

/**
 * An event as JSON text of at most 64 KiB. What is over is taken from the custom properties, from the
 * biggest first, and marked; only then are the schema's own values cut. Their names stay. Never throws.
 */
export function serialise(event: AnalyticsEvent): string {
  const text = stringify(event)
  if (text.length <= SURELY_SMALL || byteLength(text) <= LIMITS.eventBytes) return text
  return stringifyWithin(JSON.parse(text) as AnalyticsEvent, LIMITS.eventBytes)
}

/** A version of an event's text of at most half its size; `null` if it is as small as it can be. */
export function shrink(text: string): string | null {
  const size = byteLength(text)
  if (size <= SMALLEST) return null
  try {
    const smaller = stringifyWithin(
      JSON.parse(text) as AnalyticsEvent,
      Math.max(SMALLEST, Math.floor(size / 2)),
    )
    return byteLength(smaller) < size ? smaller : null
  } catch {
    return null
  }
}

function stringify(event: AnalyticsEvent): string {
  try {
    const text = JSON.stringify(event)
    // So JSON writes a lone surrogate.
    return text.includes('\\ud') ? JSON.stringify(event, wellFormed) : text
  } catch {
    return JSON.stringify({ ...event, properties: snapshotProperties(event.properties, () => false) })
  }
}

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed() : value

function stringifyWithin(event: AnalyticsEvent, bytes: number): string {
  const kinds = kindsOf(event.event)
  const entries = Object.entries(event.properties)
  const fixed = Object.fromEntries(entries.filter(([name]) => kinds.has(name)))
  const custom = Object.fromEntries(entries.filter(([name]) => !kinds.has(name)))
  const room = bytes - byteLength(JSON.stringify({ ...event, properties: {} })) - 1
  const fittedCustom = fitEntries(custom, room - byteLength(JSON.stringify(fixed)))
  const fittedFixed = fit(fixed, room - byteLength(JSON.stringify(fittedCustom))) as object
  return JSON.stringify({ ...event, properties: { ...fittedFixed, ...fittedCustom } })
}
