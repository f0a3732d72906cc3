import { MARK } from './limits.js'

/**
 * At most `max` code points of `text`, counted as Python counts them. What is longer ends in `…`.
 *
 * A pair of surrogates is never parted, a lone one becomes U+FFFD, and a shortened text does not keep
 * the long original in memory.
 */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed()
  const end = codePointOffset(text, max)
  if (end === text.length) return text.toWellFormed()
  if (max < 1) return ''
  return copy(text.slice(0, codePointOffset(text, max - 1))).toWellFormed() + MARK
}

/** Where in UTF-16 units the first `count` code points end. */
function codePointOffset(text: string, count: number): number {
  let offset = 0
  for (let n = 0; n < count && offset < text.length; n++) {
    const isPair = isHigh(text.charCodeAt(offset)) && isLow(text.charCodeAt(offset + 1))
    offset += isPair ? 2 : 1
  }
  return offset
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/**
 * The same text in memory of its own. V8 makes a slice a pointer into the string it came from;
 * a slice of a concatenation points into a copy of the right size.
 */
export function copy(text: string): string {
  return ` ${text}`.slice(1)
}

/** Node's, Bun's and Deno's; Workers may have none. */
const { Buffer } = globalThis as { readonly Buffer?: { byteLength(text: string): number } }

/** A well-formed `text` as bytes of UTF-8. */
export const byteLength: (text: string) => number = Buffer ? text => Buffer.byteLength(text) : countBytes

/** The same where no runtime helps. */
function countBytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    // A pair is two units and four bytes: two for each.
    bytes += unit < 0x800 || isHigh(unit) || isLow(unit) ? 1 : 2
  }
  return bytes
}
