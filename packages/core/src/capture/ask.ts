import { printed, type Warn } from '../log.js'
import { isPromise } from '../promise.js'

/** Calls a callback of the application; one that throws or is asynchronous counts as unset, with a warning. */
export function ask<T>(warn: Warn, option: string, callback: () => T): T | undefined {
  try {
    const answer = callback()
    if (!isPromise(answer)) return answer
    warn(`the \`${option}\` option returned a promise, so it counts as unset: it is not awaited.`)
  } catch (error) {
    warn(`the \`${option}\` option threw, so it counts as unset: ${printed(error)}`)
  }
  return undefined
}
