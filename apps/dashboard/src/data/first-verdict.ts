import { reader } from './answers.js'
import type { Verdict } from './shapes.js'

const read = reader<Verdict>('sentence')

/** The verdict that the collector wrote into the page; null where it could not. */
export function readFirstVerdict(root: HTMLElement): Verdict | null {
  try {
    return read(JSON.parse(root.dataset.verdict ?? ''))
  } catch {
    return null
  }
}
