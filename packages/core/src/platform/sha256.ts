const BLOCK = 64

/**
 * HMAC-SHA-256, at once: the platforms' own (`crypto.subtle`) answers with a promise.
 * For short texts; it is not made to be fast.
 */
export function hmacSha256(key: string | Uint8Array, text: string): Uint8Array {
  const encoder = new TextEncoder()
  const given = typeof key === 'string' ? encoder.encode(key) : key
  const padded = new Uint8Array(BLOCK)
  padded.set(given.length > BLOCK ? sha256(given) : given)
  const inner = sha256(
    join(
      padded.map(byte => byte ^ 0x36),
      encoder.encode(text),
    ),
  )
  return sha256(
    join(
      padded.map(byte => byte ^ 0x5c),
      inner,
    ),
  )
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const joined = new Uint8Array(head.length + tail.length)
  joined.set(head)
  joined.set(tail, head.length)
  return joined
}

/** FIPS 180-4. */
export function sha256(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29))
  view.setUint32(padded.length - 4, message.length << 3)

  const state = Uint32Array.from(INITIAL)
  const words = new Uint32Array(64)
  for (let at = 0; at < padded.length; at += BLOCK) {
    for (let n = 0; n < 16; n++) words[n] = view.getUint32(at + 4 * n)
    for (let n = 16; n < 64; n++) {
      const early = word(words, n - 15)
      const late = word(words, n - 2)
      const s0 = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)
      const s1 = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10)
      words[n] = word(words, n - 16) + s0 + word(words, n - 7) + s1
    }
    compress(state, words)
  }

  const digest = new DataView(new ArrayBuffer(32))
  for (const [n, value] of state.entries()) digest.setUint32(4 * n, value)
  return new Uint8Array(digest.buffer)
}

function compress(state: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight
  for (let n = 0; n < 64; n++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
    const one = (h + s1 + ((e & f) ^ (~e & g)) + word(ROUNDS, n) + word(words, n)) | 0
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  for (const [n, value] of [a, b, c, d, e, f, g, h].entries()) state[n] = word(state, n) + value
}

type Eight = [number, number, number, number, number, number, number, number]

const turn = (value: number, by: number): number => (value >>> by) | (value << (32 - by))
const word = (words: ArrayLike<number>, n: number): number => words[n] as number

/** The first 32 bits of the fractional parts of the roots of the first primes, as the standard defines them. */
function constants(count: number, root: (prime: number) => number): Uint32Array {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) {
    if (isPrime(n)) found.push((root(n) % 1) * 2 ** 32)
  }
  return Uint32Array.from(found)
}

function isPrime(n: number): boolean {
  for (let by = 2; by * by <= n; by++) if (n % by === 0) return false
  return true
}

const INITIAL = constants(8, Math.sqrt)
const ROUNDS = constants(64, Math.cbrt)
