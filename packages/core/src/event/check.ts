import { type Kind, kindsOf, limitOf } from './kinds.js'
import { LIMITS } from './limits.js'
import type { SecretTest } from './redact.js'
import { show } from './show.js'
import { cut } from './text.js'
import { snapshot, snapshotNamed } from './values.js'

type Properties = Record<string, unknown>

/**
 * An event's properties with the schema's own checked and all within the limits, or why they are wrong.
 * @param isSecret of custom ones; by default none is: what arrives is stored as sent, its client has redacted it
 */
export function checkProperties(
  event: string,
  properties: Properties,
  isSecret: SecretTest = nothingIsSecret,
): Properties | string {
  const kinds = kindsOf(event)
  const checked: Properties = {}
  const custom: string[] = []
  for (const name of Object.keys(properties)) {
    const kind = kinds.get(name)
    if (kind === undefined) {
      custom.push(name)
      continue
    }
    const value = readers[kind](properties[name], limitOf(name))
    if (value === undefined) {
      return `properties.${name}: expected ${EXPECTED[kind]} or null, got ${show(properties[name])}`
    }
    checked[name] = value
  }
  return custom.length === 0 ? checked : Object.assign(checked, snapshotNamed(properties, custom, isSecret))
}

const nothingIsSecret: SecretTest = () => false

const EXPECTED: Record<Kind, string> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a finite number',
  boolean: 'true, false',
  params: 'an object',
  causes: 'an array of causes',
  counts: 'an object of counts',
}

/** The value within its limit, `undefined` where it is of another kind. */
const readers: Record<Kind, (value: unknown, limit: number) => unknown> = {
  string: orNull((value, limit) => (typeof value === 'string' ? cut(value, limit) : undefined)),
  integer: orNull(value => (Number.isSafeInteger(value) ? value : undefined)),
  number: orNull(value => (Number.isFinite(value) ? value : undefined)),
  boolean: orNull(value => (typeof value === 'boolean' ? value : undefined)),
  params: orNull(value => (isRecord(value) ? snapshot(value, nothingIsSecret) : undefined)),
  causes: orNull(readCauses),
  counts: orNull(readCounts),
}

type Reader = (value: unknown, limit: number) => unknown

function orNull(reader: Reader): Reader {
  return (value, limit) => (value === null ? null : reader(value, limit))
}

function readCauses(value: unknown): unknown[] | undefined {
  if (!Array.isArray(value)) return undefined
  const causes = value.slice(0, LIMITS.keys).map(readCause)
  return causes.includes(undefined) ? undefined : causes
}

const CAUSE = ['exception_type', 'exception_message', 'traceback'] as const

function readCause(value: unknown): Properties | undefined {
  if (!isRecord(value)) return undefined
  const texts = CAUSE.map(name => [name, value[name] ?? ''] as const)
  if (!texts.every(([, text]) => typeof text === 'string')) return undefined
  return Object.fromEntries(texts.map(([name, text]) => [name, cut(text as string, limitOf(name))]))
}

function readCounts(value: unknown): Properties | undefined {
  if (!isRecord(value)) return undefined
  const counts = Object.entries(value).slice(0, LIMITS.keys)
  const areCounts = counts.every(([, count]) => Number.isSafeInteger(count) && (count as number) >= 0)
  if (!areCounts) return undefined
  return Object.fromEntries(counts.map(([name, count]) => [cut(name, LIMITS.string), count]))
}

function isRecord(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
