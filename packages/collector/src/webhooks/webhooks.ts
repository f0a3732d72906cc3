import { groups } from '../query/groups.js'
import { verdict } from '../query/verdict.js'
import type { Store } from '../store/store.js'
import { createOutbox } from './outbox.js'
import { post, type Target } from './post.js'
import { look } from './watch.js'

const LOOK_EVERY_MS = 60_000

export interface Webhooks {
  close(): Promise<void>
}

/** Looks once a minute whether there is something to tell, and tells it. What fails here disturbs nothing else. */
export function startWebhooks(store: Store, target: Target, lookEvery: number = LOOK_EVERY_MS): Webhooks {
  const warn = (line: string) => console.error(`[justanalytics-collector] ${line}`)
  const outbox = createOutbox(({ id, body }) => post(target, id, body), warn)
  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look(store, { verdict, groups }, outbox, Date.now())
      .catch(error => warn(`The webhook's look at the store failed (${error.message}).`))
      .finally(() => {
        looking = undefined
      })
  }, lookEvery)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await outbox.close()
      await looking
    },
  }
}
