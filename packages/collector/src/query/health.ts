import type { Gatherer } from '../ingest/gather.js'
import type { Store } from '../store/store.js'

export interface Health {
  /** `failing`: the last insert did not become durable. */
  status: 'ok' | 'failing'
  /** Stored in all. */
  events: number
  /** Milliseconds from an event's receipt to its being durable and countable. */
  lag_ms: number
  store: Store['name']
}

/** Is what arrives stored, and how soon? */
export async function health(store: Store, gatherer: Gatherer): Promise<Health> {
  const [row] = await store.query<{ events: number }>('SELECT count() AS events FROM events')
  return {
    status: gatherer.failing ? 'failing' : 'ok',
    events: Number(row?.events ?? 0),
    lag_ms: gatherer.lag(),
    store: store.name,
  }
}
