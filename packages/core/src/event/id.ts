const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const BYTES = 10
const COUNTER_END = 0x1000

// Filled at the first call: Workers make no random values while a module loads.
const pool = new Uint8Array(400 * BYTES)
let used = pool.length
let time = 0
let counter = 0

/**
 * A UUID of version 7 for an event of `now` (milliseconds of the epoch). Within a process each is greater
 * than the one before, whatever the clock does.
 */
export function newId(now: number = Date.now()): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  if (now > time && now < 2 ** 48) {
    time = Math.floor(now)
    // Half of the range at random, the other half to count in.
    counter = ((byte(8) << 8) | byte(9)) & 0x7ff
  } else if (++counter === COUNTER_END) {
    time++
    counter = 0
  }
  const id = `${timePart(time)}-7${hex(counter >> 8)[1]}${hex(counter & 0xff)}-${tail()}`
  used += BYTES
  return id
}

function timePart(ms: number): string {
  const text = ms.toString(16).padStart(12, '0')
  return `${text.slice(0, 8)}-${text.slice(8)}`
}

function tail(): string {
  const variant = 0x80 | (byte(0) & 0x3f)
  return `${hex(variant)}${hex(byte(1))}-${hex(byte(2))}${hex(byte(3))}${hex(byte(4))}${hex(byte(5))}${hex(byte(6))}${hex(byte(7))}`
}

const byte = (index: number): number => pool[used + index] as number
const hex = (value: number): string => HEX[value] as string
