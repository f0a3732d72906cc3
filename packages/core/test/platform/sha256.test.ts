import { createHash, createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hmacSha256, sha256 } from '../../src/platform/sha256.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('SHA-256', () => {
  it('gives the digests of the standard', () => {
    const digest = (text: string): string => hex(sha256(new TextEncoder().encode(text)))
    expect(digest('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(digest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('agrees with node:crypto for every length around a block', () => {
    for (let length = 0; length < 200; length++) {
      const message = randomBytes(length)
      expect(hex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'))
    }
  })
})

describe('HMAC', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['an API key and a day', 'key_live_4f2a9c1', 'visitor 20779'],
    ['an empty key and text', '', ''],
    ['a key of one block', 'k'.repeat(64), 'text'],
    ['a key longer than a block', 'k'.repeat(65), 'text'],
    ['a key of bytes', Uint8Array.from({ length: 32 }, (_, n) => n * 8), '127.0.0.1 Mozilla/5.0'],
    ['text beyond ASCII', 'ключ', '🙂 ü'],
    ['a long text', 'key', 'x'.repeat(10_000)],
  ])('agrees with node:crypto for %s', (_what, key, text) => {
    expect(hex(hmacSha256(key, text))).toBe(createHmac('sha256', key).update(text).digest('hex'))
  })
})
