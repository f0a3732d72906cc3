import { LIMITS } from './limits.js'
import { maskCredentials } from './mask.js'
import { cut } from './text.js'

const VAST = 10n ** 300n

/** A BigInt's digits. */
export function printBigInt(value: bigint): string {
  return value < VAST && value > -VAST ? value.toString() : '[BigInt …]'
}

export function printSymbol(value: symbol): string {
  return cut(value.toString(), LIMITS.string)
}

/** `[Function name]`. */
export function printFunction(value: object): string {
  try {
    const { name } = value as { name?: unknown }
    return typeof name === 'string' && name !== '' ? `[Function ${cut(name, 100)}]` : '[Function]'
  } catch {
    return '[Function]'
  }
}

/** What a built-in object stands for in one primitive value; `undefined` for any other. May throw. */
export function unwrap(value: object): unknown {
  if (value instanceof Date) return printDate(value)
  if (ArrayBuffer.isView(value)) return printBytes(value)
  if (value instanceof ArrayBuffer) return printBytes(value)
  if (value instanceof URL) return maskCredentials(value.href)
  if (value instanceof RegExp) return RegExp.prototype.toString.call(value)
  if (value instanceof Promise) return '[Promise]'
  if (value instanceof String) return String.prototype.valueOf.call(value)
  if (value instanceof Number) return Number.prototype.valueOf.call(value)
  if (value instanceof Boolean) return Boolean.prototype.valueOf.call(value)
  if (value instanceof BigInt) return BigInt.prototype.valueOf.call(value)
  if (value instanceof Symbol) return Symbol.prototype.valueOf.call(value)
  return undefined
}

function printDate(date: Date): string {
  const time = Date.prototype.getTime.call(date)
  return Number.isNaN(time) ? 'Invalid Date' : new Date(time).toISOString()
}

function printBytes(value: ArrayBufferView | ArrayBuffer): string {
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  return `[${kind}: ${value.byteLength} bytes]`
}
