import { readSearch, type Search } from './query/parameters.js'
import type { Store } from './store/store.js'

type Question<Answer> = (store: Store, search: Search, now: number) => Promise<Answer>

/** The same question by its address. */
export type SharedQuestion<Answer> = (url: string, now: number) => Promise<Answer>

export interface Sharing {
  /** Who asks what is being answered already gets that answer: a hundred browsers cost as much as one. */
  share<Answer>(question: Question<Answer>): SharedQuestion<Answer>
  /** Something was changed: who asks from now on gets an answer that begins after it. */
  forget(): void
}

function keyOf(url: string): string {
  const { searchParams } = new URL(url)
  searchParams.sort()
  return String(searchParams)
}

export function createSharing(store: Store): Sharing {
  const desks: Map<string, unknown>[] = []
  return {
    share<Answer>(question: Question<Answer>) {
      const answering = new Map<string, Promise<Answer>>()
      desks.push(answering)
      return async (url, now) => {
        const key = keyOf(url)
        const answered = answering.get(key) ?? question(store, readSearch(url), now)
        answering.set(key, answered)
        try {
          return await answered
        } finally {
          // After `forget` a newer answer may have its place.
          if (answering.get(key) === answered) answering.delete(key)
        }
      }
    },
    forget() {
      for (const answering of desks) answering.clear()
    },
  }
}
