import { classOf, cutMessage, errorType, isError, read } from './error-parts.js'
import { LIMITS, MARK } from './limits.js'
import { createSecretTest, type SecretTest } from './redact.js'
import type { Cause } from './schema.js'
import { stackLines } from './stack.js'
import { cut } from './text.js'
import { type Section, writeTraceback } from './traceback.js'
import { snapshot } from './values.js'

export { isBorrowedStatus } from './borrowed.js'

/** What an event tells of an error. */
export interface ErrorFacts {
  exception_type: string
  exception_message: string
  /** The error's stack and its causes', at most 5,000 code points. */
  traceback: string
  /** The causes, theirs, and an AggregateError's members, in reading order; absent without any. */
  causes?: Cause[]
  code?: string
  syscall?: string
}

interface Described extends Section {
  exception_type: string
  exception_message: string
}

const builtIn = createSecretTest()

/**
 * What can be told of anything that was thrown. Never throws, whatever the value does when it is read.
 * `isSecret` (default: the built-in names) is for values that are no errors, which are shown with their keys.
 */
export function describeError(error: unknown, isSecret: SecretTest = builtIn): ErrorFacts {
  const described = describe(error, isSecret)
  const causes = collectCauses(error).map(cause => describe(cause, isSecret))
  const facts: ErrorFacts = {
    exception_type: described.exception_type,
    exception_message: described.exception_message,
    traceback: writeTraceback(described, causes),
  }
  if (causes.length > 0) {
    facts.causes = causes.map(cause => ({
      exception_type: cause.exception_type,
      exception_message: cause.exception_message,
      traceback: writeTraceback(cause, []),
    }))
  }
  const code = readCode(error, 'code')
  if (code !== undefined) facts.code = code
  const syscall = readCode(error, 'syscall')
  if (syscall !== undefined) facts.syscall = syscall
  return facts
}

function describe(error: unknown, isSecret: SecretTest): Described {
  const like = typeof error === 'object' && error !== null ? error : undefined
  const message = like && read(like, 'message')
  if (!like || (typeof message !== 'string' && !isError(like))) return describeOther(error, isSecret)
  const stack = read(like, 'stack')
  const text = typeof message === 'string' ? message : ''
  const type = errorType(like)
  const shown =
    typeof message === 'string' || message === undefined ? cutMessage(text) : print(message, isSecret)
  const lines = typeof stack === 'string' ? stackLines(stack, text) : []
  return { exception_type: type, exception_message: shown, header: headerOf(type, shown), lines }
}

function describeOther(value: unknown, isSecret: SecretTest): Described {
  const type = typeof value === 'object' && value !== null ? (classOf(value) ?? 'object') : typeof value
  const exception_type = cut(type, LIMITS.string)
  const exception_message = print(value, isSecret)
  return { exception_type, exception_message, header: headerOf(exception_type, exception_message), lines: [] }
}

/** The first line of a traceback, with the first line of the message. */
function headerOf(type: string, message: string): string {
  if (message === '') return type
  const end = message.search(/[\r\n]/)
  return `${type}: ${end < 0 ? message : `${message.slice(0, end)} ${MARK}`}`
}

function print(value: unknown, isSecret: SecretTest): string {
  if (typeof value === 'string') return cutMessage(value)
  if (value === undefined) return 'undefined'
  const data = snapshot(value, isSecret)
  return cutMessage(typeof data === 'string' ? data : JSON.stringify(data))
}

function readCode(error: unknown, key: 'code' | 'syscall'): string | undefined {
  const value = typeof error === 'object' && error !== null ? read(error, key) : undefined
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? cut(value, LIMITS.string) : undefined
}

/** The errors behind an error, depth first; each once, and a bounded number. */
function collectCauses(error: unknown): unknown[] {
  const found: unknown[] = []
  const seen = new Set<unknown>([error])
  const visit = (parent: unknown): void => {
    for (const child of childrenOf(parent)) {
      if (found.length === LIMITS.causes) return
      if (seen.has(child)) continue
      seen.add(child)
      found.push(child)
      visit(child)
    }
  }
  visit(error)
  return found
}

function childrenOf(error: unknown): unknown[] {
  if (typeof error !== 'object' || error === null) return []
  const cause = read(error, 'cause')
  const children = cause === undefined || cause === null || typeof cause === 'function' ? [] : [cause]
  return children.concat(membersOf(error))
}

/** An AggregateError's members; of other errors' `errors` those that are errors. */
function membersOf(error: object): unknown[] {
  const errors = read(error, 'errors')
  try {
    if (!Array.isArray(errors)) return []
    const members: unknown[] = errors.slice(0, LIMITS.causes)
    return errorType(error) === 'AggregateError' ? members : members.filter(isError)
  } catch {
    return []
  }
}
