import { read } from './error-parts.js'

/** What an HTTP client hangs on its own error: the exchange that failed. */
const EXCHANGE = ['response', 'request', 'config'] as const
/** Classes of got and ky, told apart from others of that name by what they also have. */
const CLASSES = /^(?:HTTPError|RequestError)$/

/**
 * Whether an error is an HTTP client's own (axios, got, ky, undici, or any that bears its `response`,
 * `request` or `config`), so that its `status` is another server's answer. Never throws.
 */
export function isBorrowedStatus(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  try {
    if (EXCHANGE.some(key => Object.hasOwn(error, key) && isThere(read(error, key)))) return true
  } catch {
    return false
  }
  return isClientClass(error)
}

function isClientClass(error: object): boolean {
  const name = read(error, 'name')
  const code = read(error, 'code')
  if (read(error, 'isAxiosError') === true || name === 'AxiosError') return true
  if (name === 'ResponseStatusCodeError' || (typeof code === 'string' && code.startsWith('UND_ERR_')))
    return true
  const isNamed = typeof name === 'string' && CLASSES.test(name)
  return isNamed && (isThere(read(error, 'response')) || isThere(read(error, 'options')))
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null
