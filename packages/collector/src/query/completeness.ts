import type { Store } from '../store/store.js'
import { dropped } from './dropped.js'
import type { Search, Window } from './parameters.js'

/** How far an answer can be relied on. */
export interface Completeness {
  /** ISO 8601. */
  as_of: string
  /** `false`: clients lost events of this time. */
  complete: boolean
  dropped: number
}

export async function completeness(
  store: Store,
  search: Search,
  window: Window,
  now: number,
): Promise<Completeness> {
  const lost = await dropped(store, search, window)
  return { as_of: new Date(now).toISOString(), complete: lost === 0, dropped: lost }
}
