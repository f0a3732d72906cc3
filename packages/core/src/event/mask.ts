import { REDACTED } from './redact.js'

/** What stands before the `@` of an address: all up to the last `@` of its authority. */
const USER = /:\/\/[^\s/?#"'`<>]*@/g
/** A password with an unescaped `/`, `?` or `#` in it: what follows the colon is no port. */
const ODD_PASSWORD = /:\/\/[^\s/?#:@[\]]*:(?!\d{1,5}(?:[/?#\s]|$))[^\s@"'`<>]{0,256}@/g

/** `postgres://user:password@host` → `postgres://[redacted]@host`, wherever it stands in a text. */
export function maskCredentials(text: string): string {
  if (!text.includes('://')) return text
  const masked = `://${REDACTED}@`
  return text.replace(USER, masked).replace(ODD_PASSWORD, masked)
}

/**
 * The first `length` units of a text, masked. An address that the end cuts in half is masked up to the end,
 * for the `@` that tells a password may stand behind it.
 */
export function maskedStart(text: string, length: number): string {
  if (text.length <= length) return maskCredentials(text)
  return maskCredentials(text.slice(0, length)).replace(/:\/\/[^\s/?#:@]*:[^\s@]*$/, `://${REDACTED}`)
}
