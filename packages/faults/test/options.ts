import type { Case } from '../src/run.js'

/** A short deadline may pass while a busy machine does something else; what is wrong is wrong every time. */
export function optionsOf({ options }: Case): { retry: number } {
  return { retry: options?.requestTimeout === undefined ? 0 : 2 }
}
