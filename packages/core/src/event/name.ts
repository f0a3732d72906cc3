import { LIMITS } from './limits.js'
import { cut } from './text.js'

/** An event's name as it may be sent; what is none is `unnamed`. */
export function eventName(event: unknown): string {
  const name = typeof event === 'string' ? event.trim() : ''
  return name === '' ? 'unnamed' : cut(name, LIMITS.string)
}
