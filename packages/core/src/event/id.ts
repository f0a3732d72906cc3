const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const BYTES = 10
const COUNTER_END = 0x1000

// Filled at the first call: Workers make no random values while a module loads.
const pool = new Uint8Array(400 * BYTES)
let used = pool.length
let time = 0
/** `time` as the id's first 12 digits and the version; its first 8 change once a minute. */
let prefix = ''
let minute = -1
let first8 = ''
let counter = 0

/**
 * A UUID of version 7 for the time `now` (milliseconds of the epoch). Within a process each is greater than
 * the one before, whatever the clock does.
 */
export function newId(now: number = Date.now()): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  if (now >= time + 1 && now < 2 ** 48) {
    // A random start in the lower half leaves the upper one to count in.
    startAt(Math.floor(now), ((byte(8) << 8) | byte(9)) & 0x7ff)
  } else if (++counter === COUNTER_END) {
    startAt(time + 1, 0)
  }
  const variant = 0x80 | (byte(0) & 0x3f)
  // Joined in one go: texts that are added to one another stay a tree of pieces.
  const id = [
    prefix,
    (counter >> 8).toString(16),
    hex(counter & 0xff),
    '-',
    hex(variant),
    hex(byte(1)),
    '-',
    hex(byte(2)),
    hex(byte(3)),
    hex(byte(4)),
    hex(byte(5)),
    hex(byte(6)),
    hex(byte(7)),
  ].join('')
  used += BYTES
  return id
}

function startAt(ms: number, count: number): void {
  time = ms
  counter = count
  const high = Math.floor(ms / 0x10000)
  if (high !== minute) {
    minute = high
    first8 = high.toString(16).padStart(8, '0')
  }
  prefix = `${first8}-${hex((ms >> 8) & 0xff)}${hex(ms & 0xff)}-7`
}

const byte = (index: number): number => pool[used + index] as number
const hex = (value: number): string => HEX[value] as string
