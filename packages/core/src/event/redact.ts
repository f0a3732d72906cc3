import { copy } from './text.js'

/** Stands in place of a secret's value. */
export const REDACTED = '[redacted]'

/** Whether a key's value must not leave the process. */
export type SecretTest = (key: string) => boolean

/** Names that are secret as one word of a key or as several in a row: `api_key`, `X-Api-Key`. */
const NAMES = [
  ...['authorization', 'authorisation', 'authentication', 'basicauth', 'bearer', 'credential', 'jwt'],
  ...['cookie', 'session', 'sess', 'sessid', 'sid', 'csrf', 'xsrf'],
  ...['password', 'passwd', 'passphrase', 'passcode', 'pwd', 'secret', 'token'],
  ...['apikey', 'accesskey', 'privatekey', 'signingkey', 'encryptionkey'],
  ...['card', 'cvv', 'cvc', 'iban', 'ssn', 'socialsecurity'],
]

/** Parts that no harmless word has, for names written in one: `dbpassword`, `PHPSESSID`, `accesstoken`. */
const PARTS =
  /passw(?:or)?d|passphrase|passcode|pwd|secret(?!ar|ion)|authori[sz]ation|cookie|csrf|xsrf|cvv|tokens?$|^(?:access|refresh|auth|id)token|sess(?:ion)?(?:id|key|token)|apikey|(?:credit|debit|bank|payment|gift)card|^card(?:number|num|no|holder|cv|pan|exp)|socialsecurity/

/** Secret only as the end of a name: `db_pass`, but not `pass_rate`. */
const LAST = new Set(['pass'])
/** Secret only as the whole name. */
const WHOLE = new Set(['auth', 'xauth'])

/** `refreshToken2`, `refresh-token-2` → refresh, token, 2; `SSNs` stays one word. */
const WORDS = /\p{Lu}+s?(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{L}\p{M}]+|\p{N}+/gu
const MAX_WORDS = 24
const MAX_KEY = 1000

const CACHED_KEYS = 1000
const CACHED_KEY_LENGTH = 100

/** A test for the built-in names and `extra` ones, in whichever way either is spelled. Decisions are cached. */
export function createSecretTest(extra: readonly string[] = []): SecretTest {
  const names = new Set([...NAMES, ...extra.map(name => words(name).join('')).filter(Boolean)])
  const cache = new Map<string, boolean>()
  return key => {
    const known = cache.get(key)
    if (known !== undefined) return known
    const secret = isSecretName(words(key), names)
    if (key.length <= CACHED_KEY_LENGTH) {
      if (cache.size >= CACHED_KEYS) cache.clear()
      cache.set(copy(key), secret)
    }
    return secret
  }
}

function isSecretName(name: string[], names: Set<string>): boolean {
  const whole = name.join('')
  const last = name.findLast(word => !/^\p{N}/u.test(word)) ?? ''
  if (WHOLE.has(whole) || LAST.has(last)) return true
  return name.some((word, first) => PARTS.test(word) || startsWithName(name, first, names))
}

/** Whether the words from `first` on, one or several joined, are one of `names`, in the plural too. */
function startsWithName(name: string[], first: number, names: Set<string>): boolean {
  let joined = ''
  for (let i = first; i < name.length; i++) {
    joined += name[i]
    if (names.has(joined) || (joined.endsWith('s') && names.has(joined.slice(0, -1)))) return true
  }
  return false
}

function words(key: string): string[] {
  const found = key.slice(0, MAX_KEY).normalize('NFKC').match(WORDS) ?? []
  return found.slice(0, MAX_WORDS).map(word => word.toLowerCase())
}
