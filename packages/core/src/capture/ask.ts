import { printed, type Warn } from '../log.js'

/** Calls a callback of the application; one that throws counts as unset, with a warning. */
export function ask<T>(warn: Warn, option: string, callback: () => T): T | undefined {
  try {
    return callback()
  } catch (error) {
    warn(`the \`${option}\` option threw, so it counts as unset: ${printed(error)}`)
    return undefined
  }
}
