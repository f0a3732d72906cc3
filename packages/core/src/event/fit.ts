import { jsonSize, textSize } from './json-size.js'
import { MARK } from './limits.js'

type Json = Record<string, unknown>

/** The bytes that a value is never cut below: `"…"`. */
const LEAST = 5
/** The last entry of a shortened object: `"…":"1000000 more"`. */
const NOTE = 32
/** Below it an object or an array is only a mark. */
const SMALLEST_CONTAINER = 48

/** JSON data whose text has at most `bytes` bytes (5 or more). The biggest parts are cut first. */
export function fit(value: unknown, bytes: number): unknown {
  if (jsonSize(value) <= bytes) return value
  if (typeof value === 'string') return fitText(value, bytes)
  if (typeof value !== 'object' || value === null || bytes < SMALLEST_CONTAINER) return MARK
  return Array.isArray(value) ? fitItems(value, bytes) : fitEntries(value as Json, bytes)
}

/** The same for an object, which stays one (48 bytes or more). */
export function fitEntries(value: Json, bytes: number): Json {
  if (jsonSize(value) <= bytes) return value
  const entries = Object.entries(value)
  const overheads = entries.map(([key]) => textSize(key) + 2)
  const { count, room } = share(overheads, bytes)
  const kept = entries.slice(0, count)
  const sizes = kept.map(([, part]) => jsonSize(part))
  const cap = fairCap(sizes, room)
  const fitted = Object.fromEntries(kept.map(([key, part]) => [key, fit(part, cap)]))
  return count < entries.length ? { ...fitted, [MARK]: `${entries.length - count} more` } : fitted
}

function fitItems(items: unknown[], bytes: number): unknown[] {
  const overheads = items.map(() => 1)
  const { count, room } = share(overheads, bytes)
  const kept = items.slice(0, count)
  const cap = fairCap(kept.map(jsonSize), room)
  const fitted = kept.map(item => fit(item, cap))
  return count < items.length ? [...fitted, `${MARK} ${items.length - count} more`] : fitted
}

/** How many parts can stay, each with its overhead and the least of a value, and the room for their values. */
function share(overheads: number[], bytes: number): { count: number; room: number } {
  let room = bytes - 2
  const all = overheads.reduce((sum, overhead) => sum + overhead, 0)
  if (all + overheads.length * LEAST <= room) return { count: overheads.length, room: room - all }
  room -= NOTE
  let count = 0
  for (const overhead of overheads) {
    if (overhead + (count + 1) * LEAST > room) break
    room -= overhead
    count++
  }
  return { count, room }
}

/** The size that no part may exceed so that all fit into `room`: small parts stay whole. */
function fairCap(sizes: number[], room: number): number {
  let left = room
  const ascending = sizes.toSorted((a, b) => a - b)
  for (const [index, size] of ascending.entries()) {
    const part = Math.floor(left / (ascending.length - index))
    if (size > part) return part
    left -= size
  }
  return room
}

function fitText(text: string, bytes: number): string {
  let left = bytes - LEAST
  let end = 0
  for (const character of text) {
    left -= textSize(character) - 2
    if (left < 0) break
    end += character.length
  }
  return text.slice(0, end) + MARK
}
