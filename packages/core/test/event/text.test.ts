import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteLength, cut } from '../../src/event/text.js'

describe('cut', () => {
  it.each([
    ['a text within the limit stays', 'abc', 3, 'abc'],
    ['a longer one ends in a mark that counts', 'abcd', 3, 'ab…'],
    ['an emoji is one character', '😀😀😀', 3, '😀😀😀'],
    ['an emoji is not parted', 'a😀😀b', 3, 'a😀…'],
    ['half an emoji becomes U+FFFD', 'a\ud83db', 3, 'a\ufffdb'],
    ['half an emoji is one character', '\ude00\ude00\ude00', 2, '\ufffd…'],
    ['only the mark fits', 'abc', 1, '…'],
    ['nothing fits', 'abc', 0, ''],
  ])('%s', (_name, text, max, expected) => {
    expect(cut(text, max)).toBe(expected)
  })

  it('counts as Python does, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        loneSurrogates,
        fc.nat(40),
        (text, odd, max) => {
          const characters = [...(text + odd)]
          const expected =
            characters.length <= max ? characters.join('') : [...characters.slice(0, max - 1), '…'].join('')
          expect(cut(text + odd, max)).toBe(max === 0 && characters.length > 0 ? '' : expected.toWellFormed())
        },
      ),
    )
  })

  it('changes nothing when it cuts again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(40), (text, max) => {
        expect(cut(cut(text, max), max)).toBe(cut(text, max))
      }),
    )
  })

  it('does not keep the long original in memory', () => {
    const before = heapUsed()
    const kept = Array.from({ length: 60 }, (_, index) => cut(`${index} ${'x'.repeat(1_000_000)}`, 100))
    expect(heapUsed() - before).toBeLessThan(10_000_000)
    expect(kept.every(text => text.length === 100)).toBe(true)
  })
})

it('counts the bytes of UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(byteLength(text)).toBe(Buffer.byteLength(text))
    }),
  )
})

const loneSurrogates = fc
  .array(fc.integer({ min: 0xd800, max: 0xdfff }), { maxLength: 4 })
  .map(units => String.fromCharCode(...units))

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
