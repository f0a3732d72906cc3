import { AsyncLocalStorage } from 'node:async_hooks'
import { createThreadSource, type Threaded } from '@justanalytics/core/adapter'
import { expect } from 'vitest'
import { type Case, play } from '../play.js'
import { API_KEY, SITE_ID } from '../sink.js'

/** What ties a job to the request that enqueues it. */
export const threads: readonly Case[] = [
  {
    name: 'a job enqueued behind the reading of a body belongs to its request, among others at the same time',
    async run(subject) {
      const source = createThreadSource(() => new AsyncLocalStorage<Threaded | undefined>(), {
        apiKey: API_KEY,
        siteId: SITE_ID,
      })
      const told = await play(
        subject,
        {
          options: stage => {
            stage.threadSource = source
            return {}
          },
        },
        async ({ ask }) => {
          const headers = { 'content-type': 'application/json' }
          const create = { method: 'POST', headers, body: '{"name":"tea"}' }
          await Promise.all(Array.from({ length: 5 }, () => ask('/api/items', create)))
        },
      )
      const ids = told.requests.map(request => request.request_id)
      expect(new Set(ids).size).toBe(5)
      expect(told.stage.jobs.map(job => job?.request_id).sort()).toEqual(ids.sort())
    },
  },
]
