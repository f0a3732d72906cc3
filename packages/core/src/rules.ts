import { JustAnalyticsError } from './errors.js'
import type { Variables } from './platform/platform.js'

/** What an option may be. */
export interface Rule {
  /** Ends the sentence "Expected `option` to be …". */
  expected: string
  valid(value: unknown): boolean
  fallback?: unknown
  /** Read in this order where the option is not given. */
  env?: readonly string[]
  /** Never printed. */
  secret?: true
}

type Test = (value: unknown) => boolean

export const text: Test = value => typeof value === 'string' && value.trim() !== ''
export const flag: Test = value => typeof value === 'boolean'
export const callback: Test = value => typeof value === 'function'
export const whole =
  (least: number, most: number): Test =>
  value =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most

/** An option's value: as given, else from its variables, else its default. */
export function read(name: string, rule: Rule, given: unknown, env: Variables): unknown {
  if (given !== undefined) {
    if (!rule.valid(given)) throw wrongOption(name, rule.expected, rule.secret ? typeof given : quote(given))
    // An empty key or site id is a variable that was not set.
    return given === '' ? undefined : Array.isArray(given) ? Object.freeze([...given]) : given
  }
  for (const variable of rule.env ?? []) {
    const value = env[variable]?.trim()
    if (!value) continue
    if (!rule.valid(value)) {
      throw wrongOption(name, rule.expected, `${rule.secret ? 'another' : quote(value)} in ${variable}`)
    }
    return value
  }
  return rule.fallback
}

/** @throws {JustAnalyticsError} when `options` is no object or has a name that is not in `known`. */
export function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongOption('options', 'an object', quote(options))
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw wrongOption(name, `left out, as it is no option (${known.join(', ')})`, 'it')
  }
}

/** @param given how the value is shown in the sentence; never a secret. */
export function wrongOption(option: string, expected: string, given: string): JustAnalyticsError {
  return new JustAnalyticsError(
    'WRONG_OPTION',
    option,
    `Expected \`${option}\` to be ${expected}, got ${given}.`,
  )
}

/** A short printed form of a wrong value for a sentence. */
export function quote(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  let printed: string
  try {
    printed = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  } catch {
    printed = typeof value
  }
  // A URL may carry a password.
  printed = printed.replace(/\/\/[^/@\s"]*@/g, '//[redacted]@')
  return printed.length > 80 ? `${printed.slice(0, 79)}…` : printed
}
