import { LIMITS } from './limits.js'
import { maskedStart } from './mask.js'
import { cut } from './text.js'

/** What is read of any object that may throw at every touch: a property's value, else `undefined`. */
export function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

/** An error of this realm or of another one. */
export function isError(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
  } catch {
    return false
  }
}

const BUILT_IN = /^(?:Eval|Range|Reference|Syntax|Type|URI|Aggregate)?Error$/

/**
 * An error's class as its developer named it: its `name`, or its constructor's where the name is only
 * inherited from a built-in class.
 */
export function errorType(error: object): string {
  const name = read(error, 'name')
  const named = typeof name === 'string' && name !== '' ? name : undefined
  const inherited = named === undefined || (BUILT_IN.test(named) && !owns(error, 'name'))
  return cut((inherited ? classOf(error) : undefined) ?? named ?? 'Error', LIMITS.string)
}

/** The name of the class of an object. */
export function classOf(value: object): string | undefined {
  const made = read(value, 'constructor')
  const name = typeof made === 'function' ? read(made, 'name') : undefined
  return typeof name === 'string' && name !== '' ? name : undefined
}

function owns(value: object, key: string): boolean {
  try {
    return Object.hasOwn(value, key)
  } catch {
    return false
  }
}

/** How much of a message is looked at: masking makes it shorter as well as longer. */
const WINDOW = 4 * LIMITS.exception_message

export function cutMessage(message: string): string {
  return cut(maskedStart(message, WINDOW), LIMITS.exception_message)
}

/** An error inside a property: what describes it, then the keys it was given. */
export function readError(error: object): Record<string, unknown> {
  const message = read(error, 'message')
  const stack = read(error, 'stack')
  const facts: Record<string, unknown> = { name: errorType(error) }
  if (typeof message === 'string') facts.message = cutMessage(message)
  if (typeof stack === 'string') facts.stack = cutMessage(stack)
  if (owns(error, 'cause')) facts.cause = read(error, 'cause')
  for (const key of Object.keys(error).slice(0, LIMITS.keys)) {
    if (!SHOWN.has(key)) facts[key] = read(error, key)
  }
  return facts
}

/** Told already, or (`__proto__`) not to be assigned. */
const SHOWN = new Set(['name', 'message', 'stack', 'cause', '__proto__'])
