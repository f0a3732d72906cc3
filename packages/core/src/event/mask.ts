import { REDACTED } from './redact.js'

const MASKED = `://${REDACTED}@`

/** What stands before the last `@` of an address's authority. */
const USER = /:\/\/[^\s/?#"'`<>]+@/g
/** A password with an unescaped `/`, `?` or `#` in it, told by what follows the colon: it is no port. */
const ODD_PASSWORD = /:\/\/[^\s/?#:@[\]]*:(?!\d{1,5}(?:[/?#\s]|$))[^\s@"'`<>]{0,256}@/g
/** The same two where the text ends before the `@`. */
const OPEN_END = /:\/\/(?:[^\s/?#@"'`<>]*|[^\s/?#:@[\]]*:(?!\d{1,5}[/?#\s])[^\s@"'`<>]{0,256})$/

/** `postgres://user:password@host` → `postgres://[redacted]@host`, wherever it stands in a text. */
export function maskCredentials(text: string): string {
  if (!text.includes('://')) return text
  return text.replace(USER, MASKED).replace(ODD_PASSWORD, MASKED)
}

/** The first `length` units of a text, masked; so is what the end cuts off before its `@` can be seen. */
export function maskedStart(text: string, length: number): string {
  if (text.length <= length) return maskCredentials(text)
  return maskCredentials(text.slice(0, length)).replace(OPEN_END, `://${REDACTED}`)
}
