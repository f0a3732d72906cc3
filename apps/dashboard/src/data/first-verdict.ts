import { reader } from './answers.js'
import type { Snapshot } from './feed.js'
import type { Verdict } from './shapes.js'
import { type View, windowOf } from './view.js'

const read = reader<Verdict>('sentence')

/** An older one is from the browser's cache. */
const FRESH = 10_000

/** The verdict that the collector wrote into the page, where it could. */
export function readFirstVerdict(root: HTMLElement, view: View): Snapshot {
  try {
    const value = read(JSON.parse(root.dataset.verdict ?? ''))
    const at = Date.parse(value.as_of)
    const stale = Math.abs(Date.now() - at) > FRESH
    return { verdict: { value, window: windowOf(view, at), at, trouble: null, stale } }
  } catch {
    return {}
  }
}
