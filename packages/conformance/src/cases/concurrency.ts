import { createAnalytics } from '@justanalytics/core'
import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'
import { API_KEY, SITE_ID, Sink } from '../sink.js'

/** Many requests at once, and more than one adapter. */
export const concurrency: readonly Case[] = [
  {
    name: '200 concurrent requests: none bleeds into another',
    async run(subject) {
      const count = 200
      const told = await play(
        subject,
        { options: ({ userOf }) => ({ user: userOf }) },
        async ({ ask, stage }) => {
          const answers = Array.from({ length: count }, (_, n) => ask(`/one/${n}`))
          await stage.arrived(count)
          stage.open()
          const bodies = (await Promise.all(answers)).map(answer => answer.body)
          expect(bodies).toEqual(Array.from({ length: count }, (_, n) => String(n)))
        },
      )
      expect(told.events).toHaveLength(2 * count)
      expect(new Set(told.requests.map(request => request.path)).size).toBe(count)
      const seen = new Map(
        told.events
          .filter(event => event.event === 'seen')
          .map(event => [event.properties.request_id, event]),
      )
      for (const { path, user_id, request_id } of told.requests) {
        expect(path).toBe(`/one/${user_id}`)
        expect(seen.get(request_id)?.properties).toMatchObject({ n: user_id, user_id })
      }
    },
  },
  {
    name: 'a second adapter on the same request: still one event, and one exception',
    async run(subject) {
      const told = await play(subject, { adapters: 2 }, async ({ ask }) => {
        await ask('/page')
        await ask('/throws/error')
        await ask('/captures')
      })
      const names = told.events.map(event => event.event).sort()
      expect(names).toEqual(['cart_opened', 'exception', 'pageview', 'pageview', 'pageview'])
      expect(told.requests.map(request => request.route)).toEqual(['/page', '/throws/:what', '/captures'])
    },
  },
  {
    name: 'a client that was passed in is shared: flushed with the application, not closed',
    async run(subject) {
      const sink = await Sink.open()
      const client = createAnalytics({ apiKey: API_KEY, siteId: SITE_ID, endpoint: sink.url })
      await play(subject, { options: { client } }, ({ ask }) => ask('/page'))
      await play(subject, { options: { client } }, ({ ask }) => ask('/json'))
      expect(sink.events.map(event => event.properties.path)).toEqual(['/page', '/json'])
      client.capture('after_both')
      expect(await client.close()).toBe(true)
      expect(only(sink.events.filter(event => event.event === 'after_both'))).toBeDefined()
      expect(sink.problems).toEqual([])
      await sink.close()
    },
  },
]
