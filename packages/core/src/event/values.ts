import { isError, readError } from './error-parts.js'
import { LIMITS, MARK } from './limits.js'
import { printBigInt, printFunction, printSymbol, unwrap } from './print.js'
import { REDACTED, type SecretTest } from './redact.js'
import { cut } from './text.js'

/** Stands for what throws when it is read. */
const UNREADABLE = '[unreadable]'
const CIRCULAR = '[circular]'

/** How much text one snapshot may gather: two events' worth, so that only the vast feels it. */
const ROOM = 2 * LIMITS.eventBytes
/** Below it no further object is entered and strings are short. */
const LITTLE_ROOM = 40

interface Walk {
  isSecret: SecretTest
  /** The objects being copied, outermost first. */
  path: object[]
  /** Characters left to gather. */
  room: number
}

/**
 * A copy of any value as plain JSON data, within the limits and without secrets.
 *
 * Never throws and never changes its argument. What JSON cannot say becomes text (`NaN`, a BigInt's digits,
 * `[Function name]`, `[Uint8Array: 12 bytes]`, `[circular]`), Maps become objects and Sets arrays; what is
 * over a limit is marked with `…`. Of foreign code only getters, Proxy traps and `toJSON` are run.
 */
export function snapshot(value: unknown, isSecret: SecretTest): unknown {
  return copyValue(value, { isSecret, path: [], room: ROOM }) ?? null
}

/** The same for an event's custom properties; what is not an object is kept as `value`. */
export function snapshotProperties(value: unknown, isSecret: SecretTest): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  const data = snapshot(value, isSecret)
  const isRecord = typeof data === 'object' && data !== null && !Array.isArray(data)
  return (isRecord ? data : snapshot({ value: data }, isSecret)) as Record<string, unknown>
}

/** The same for some of an object's keys. */
export function snapshotNamed(value: object, names: string[], isSecret: SecretTest): Record<string, unknown> {
  const walk = { isSecret, path: [value], room: ROOM }
  return copyNamed(value, names, walk) as Record<string, unknown>
}

/** `undefined` where JSON would leave the value out. */
function copyValue(value: unknown, walk: Walk): unknown {
  walk.room -= 4
  switch (typeof value) {
    case 'string':
      return copyText(value, walk)
    case 'number':
      // Adding 0 makes -0 a 0, as JSON does.
      return Number.isFinite(value) ? value + 0 : String(value)
    case 'bigint':
      return copyText(printBigInt(value), walk)
    case 'symbol':
      return copyText(printSymbol(value), walk)
    case 'function':
      return copyText(printFunction(value), walk)
    case 'object':
      return value === null ? null : copyObject(value, walk)
    default:
      return value
  }
}

function copyText(text: string, walk: Walk): string {
  const kept = cut(text, Math.min(LIMITS.string, Math.max(LITTLE_ROOM, walk.room)))
  walk.room -= kept.length
  return kept
}

function copyObject(value: object, walk: Walk): unknown {
  if (walk.path.includes(value)) return CIRCULAR
  walk.path.push(value)
  try {
    return copyByKind(value, walk, true)
  } catch {
    return UNREADABLE
  } finally {
    walk.path.pop()
  }
}

function copyByKind(value: object, walk: Walk, mayHaveJson: boolean): unknown {
  if (Array.isArray(value)) return copyItems(value, value.length, walk)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    const primitive = unwrap(value)
    if (primitive !== undefined) return copyValue(primitive, walk)
    if (value instanceof Map) return copyMap(value, walk)
    if (value instanceof Set) return copyItems(firstOf(Set.prototype.values.call(value)), value.size, walk)
    if (isError(value)) return copyKeys(readError(value), walk)
  }
  const json = mayHaveJson ? callToJson(value) : undefined
  if (json === undefined || json === value) return copyKeys(value, walk)
  return typeof json === 'object' && json !== null ? copyByKind(json, walk, false) : copyValue(json, walk)
}

function callToJson(value: object): unknown {
  try {
    const { toJSON } = value as { toJSON?: unknown }
    return typeof toJSON === 'function' ? toJSON.call(value, '') : undefined
  } catch {
    return undefined
  }
}

function copyKeys(value: object, walk: Walk): unknown {
  return copyNamed(value, Object.keys(value), walk)
}

function copyNamed(value: object, keys: string[], walk: Walk): unknown {
  return copyEntries(
    keys,
    keys.length,
    index => (value as Record<string, unknown>)[keys[index] as string],
    walk,
  )
}

function copyMap(map: Map<unknown, unknown>, walk: Walk): unknown {
  const entries = firstOf(Map.prototype.entries.call(map))
  const keys = entries.map(([key], index) => (typeof key === 'string' ? key : printKey(key, index)))
  return copyEntries(keys, map.size, index => entries[index]?.[1], walk)
}

function printKey(key: unknown, index: number): string {
  if (typeof key === 'symbol') return printSymbol(key)
  return typeof key === 'object' || typeof key === 'function' ? `[${typeof key} ${index}]` : String(key)
}

/** The first of `total` entries as an object; `read` is asked for what is kept and may throw. */
function copyEntries(keys: string[], total: number, read: (index: number) => unknown, walk: Walk): unknown {
  if (!mayEnter(walk)) return `[Object ${MARK}]`
  const kept = total > LIMITS.keys ? LIMITS.keys - 1 : keys.length
  const copied: Record<string, unknown> = {}
  for (let i = 0; i < kept; i++) {
    const key = keys[i] as string
    // Assigned it would become the copy's prototype.
    if (key === '__proto__') continue
    const name = copyText(key, walk)
    const data = walk.isSecret(key) ? REDACTED : copyPart(read, i, walk)
    if (data !== undefined) copied[name] = data
  }
  if (kept < total) copied[MARK] = `${total - kept} more`
  return copied
}

function copyItems(items: unknown[], total: number, walk: Walk): unknown {
  if (!mayEnter(walk)) return `[Array ${MARK}]`
  const kept = total > LIMITS.keys ? LIMITS.keys - 1 : total
  const read = (index: number): unknown => items[index]
  const copied: unknown[] = []
  for (let i = 0; i < kept; i++) copied.push(copyPart(read, i, walk) ?? null)
  if (kept < total) copied.push(`${MARK} ${total - kept} more`)
  return copied
}

function mayEnter(walk: Walk): boolean {
  return walk.path.length <= LIMITS.depth && walk.room >= LITTLE_ROOM
}

/** On the first level no part takes more than half of the room that is left, so that each has some. */
function copyPart(read: (index: number) => unknown, index: number, walk: Walk): unknown {
  const withheld = walk.path.length === 1 ? walk.room / 2 : 0
  walk.room -= withheld
  let data: unknown
  try {
    data = copyValue(read(index), walk)
  } catch {
    data = UNREADABLE
  }
  walk.room += withheld
  return data
}

function firstOf<T>(iterator: IterableIterator<T>): T[] {
  const first: T[] = []
  for (const item of iterator) {
    first.push(item)
    if (first.length === LIMITS.keys) break
  }
  return first
}
