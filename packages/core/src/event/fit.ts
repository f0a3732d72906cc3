import { MARK } from './limits.js'
import { byteLength } from './text.js'

type Json = Record<string, unknown>

/** The least that any value is cut to: `"…"`. */
const LEAST = 5
/** A mark as an object's last entry: `"…":"1000000 more"`. */
const MARK_BYTES = 32

/** JSON data whose text has at most `bytes` bytes, as far as that can be; the biggest parts are cut first. */
export function fit(value: unknown, bytes: number): unknown {
  if (sizeOf(value) <= bytes) return value
  if (typeof value === 'string') return fitText(value, bytes)
  if (Array.isArray(value)) return fitItems(value, bytes)
  if (typeof value === 'object' && value !== null) return fitEntries(value as Json, bytes)
  return value
}

export function fitEntries(value: Json, bytes: number): Json {
  if (sizeOf(value) <= bytes) return value
  const entries = Object.entries(value)
  const overheads = entries.map(([key]) => sizeOf(key) + 2)
  const kept = countThatFits(overheads, bytes - 2)
  const room = bytes - 2 - sum(overheads.slice(0, kept)) - (kept < entries.length ? MARK_BYTES : 0)
  const cap = fairCap(
    entries.slice(0, kept).map(([, part]) => sizeOf(part)),
    room,
  )
  const fitted = entries.slice(0, kept).map(([key, part]) => [key, fit(part, cap)] as const)
  return Object.fromEntries(
    kept < entries.length ? [...fitted, [MARK, `${entries.length - kept} more`]] : fitted,
  )
}

function fitItems(items: unknown[], bytes: number): unknown[] {
  const kept = countThatFits(
    items.map(() => 1),
    bytes - 2,
  )
  const room = bytes - 2 - kept - (kept < items.length ? MARK_BYTES : 0)
  const cap = fairCap(items.slice(0, kept).map(sizeOf), room)
  const fitted = items.slice(0, kept).map(item => fit(item, cap))
  return kept < items.length ? [...fitted, `${MARK} ${items.length - kept} more`] : fitted
}

/** How many of the parts can stand with their overhead and the least of a value. */
function countThatFits(overheads: number[], bytes: number): number {
  const all = overheads.reduce((used, overhead) => used + overhead + LEAST, 0)
  if (all <= bytes) return overheads.length
  let used = MARK_BYTES
  const end = overheads.findIndex(overhead => {
    used += overhead + LEAST
    return used > bytes
  })
  return Math.max(0, end)
}

/** The size that no part may exceed so that together they fit: the small ones stay whole. */
function fairCap(sizes: number[], room: number): number {
  let left = room
  const ascending = sizes.toSorted((a, b) => a - b)
  for (const [index, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index))
    if (size > share) return Math.max(LEAST, share)
    left -= size
  }
  return room
}

/** A text whose JSON has at most `bytes` bytes. */
function fitText(text: string, bytes: number): string {
  let used = LEAST
  let kept = ''
  for (const character of text) {
    used += sizeOf(character) - 2
    if (used > bytes) break
    kept += character
  }
  return kept + MARK
}

const sizeOf = (value: unknown): number => byteLength(JSON.stringify(value) ?? '')
const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)
