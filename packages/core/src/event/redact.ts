import { copy } from './text.js'

/** Stands in place of a secret's value. */
export const REDACTED = '[redacted]'

/** Whether a key's value must not leave the process. */
export type SecretTest = (key: string) => boolean

/** Secret as one word of a key. `ssn` must be a word: it also stands in `className` without a case. */
const WORD_NAMES = [
  ...['authorization', 'authentication', 'bearer', 'credential', 'jwt'],
  ...['cookie', 'session', 'sess', 'sid', 'csrf', 'xsrf'],
  ...['password', 'passwd', 'pwd', 'secret', 'token'],
  ...['card', 'cvv', 'cvc', 'iban', 'ssn'],
]

/** Secret also where several words make it up: `api_key`, `X-Api-Key`, `pass word`. */
const COMPOUND_NAMES = [
  ...['apikey', 'accesskey', 'privatekey', 'signingkey', 'encryptionkey', 'basicauth'],
  ...['password', 'passwd', 'passphrase', 'passcode', 'socialsecurity'],
]

/** Parts that no harmless word has, for names written as one: `dbpassword`, `PHPSESSID`, `accesstoken`. */
const PARTS = new RegExp(
  [
    'passw(?:or)?d|passphrase|passcode|pwd|secret(?!ar|ion)|apikey|socialsecurity',
    'authori[sz]ation|cookie|csrf|xsrf|sess(?:id|key)|(?<!pos|ob)session',
    'token(?!i[sz]|omic)|^iban',
    'cvv|(?:credit|debit|bank|payment|gift)card|^card(?:number|num|no|holder|cv|pan|exp)',
  ].join('|'),
)

/** Secret as the end of a name: `db_pass`, but not `pass_rate`. */
const LAST_WORD = 'pass'
/** Secret only as the whole of a name. */
const WHOLE_NAMES = new Set(['auth', 'xauth'])

const MAX_WORDS = 24
const MAX_KEY = 1000

const CACHED_KEYS = 1000
const CACHED_KEY_LENGTH = 100

/**
 * A test for the built-in names and `extra` ones, in whichever case and with whichever separators either is
 * written. Decisions are kept for a bounded number of keys.
 */
export function createSecretTest(extra: readonly string[] = []): SecretTest {
  const own = extra.map(name => splitWords(name).join('')).filter(name => name !== '')
  const wordNames = new Set([...WORD_NAMES, ...own])
  const compoundNames = new Set([...COMPOUND_NAMES, ...own])
  const decide = (key: string): boolean => {
    const words = splitWords(key)
    const last = words.findLast(word => !isNumber(word))
    if (last === LAST_WORD || WHOLE_NAMES.has(words.join(''))) return true
    return words.some(
      (word, index) => hasName(wordNames, word) || PARTS.test(word) || hasRun(compoundNames, words, index),
    )
  }

  const decisions = new Map<string, boolean>()
  return key => {
    const decided = decisions.get(key)
    if (decided !== undefined) return decided
    const secret = decide(key)
    if (key.length <= CACHED_KEY_LENGTH) {
      if (decisions.size >= CACHED_KEYS) decisions.clear()
      decisions.set(copy(key), secret)
    }
    return secret
  }
}

/** Whether words from `first` on make up one of `names` when they are joined. */
function hasRun(names: Set<string>, words: string[], first: number): boolean {
  let joined = words[first] as string
  for (let i = first + 1; i < words.length; i++) {
    joined += words[i]
    if (hasName(names, joined)) return true
  }
  return false
}

const hasName = (names: Set<string>, name: string): boolean =>
  names.has(name) || (name.endsWith('s') && names.has(name.slice(0, -1)))

const isNumber = (word: string): boolean => /^\p{N}/u.test(word)

/** `refreshToken2` and `refresh-token-2` → refresh, token, 2; `SSNs` and `IBANNumber` part as they should. */
function splitWords(key: string): string[] {
  // V8 takes a millisecond to read Unicode classes: here, it does so with the first key and not at every start.
  const words =
    key
      .slice(0, MAX_KEY)
      .normalize('NFKC')
      .match(/\p{Lu}+s?(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{L}\p{M}]+|\p{N}+/gu) ?? []
  return words.slice(0, MAX_WORDS).map(word => word.toLowerCase())
}
