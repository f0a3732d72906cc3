import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'

/** Error handlers of the application, and errors it reports itself. */
export const handlers: readonly Case[] = [
  {
    name: 'an error handler that answers 418: no exception, whatever was thrown',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/teapot'))
      expect(only(told.events).properties).toMatchObject({ status_code: 418, route: '/teapot' })
    },
  },
  {
    name: 'an error handler that answers 200: no exception',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/soothed'))
      expect(only(told.events).properties).toMatchObject({ status_code: 200, route: '/soothed' })
    },
  },
  {
    name: 'an error handler that answers 503: one exception with that status',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/unavailable'))
      expect(only(told.requests)).toMatchObject({ status_code: 503, route: '/unavailable' })
      expect(only(told.exceptions)).toMatchObject({
        status_code: 503,
        exception_message: 'the shelf is empty',
      })
    },
  },
  {
    name: 'an error handler that throws: one exception for the two of them',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/handler-throws'))
      const { request_id } = only(told.requests)
      expect(only(told.requests)).toMatchObject({ status_code: 500 })
      expect(['the shelf is empty', 'the card was declined']).toContain(
        only(told.exceptions).exception_message,
      )
      expect(only(told.exceptions)).toMatchObject({ request_id, status_code: 500 })
    },
  },
  {
    name: 'captureException reports whatever the status, with the request’s id and custom properties',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/reported'))
      const { request_id } = only(told.requests)
      expect(only(told.requests)).toMatchObject({ status_code: 200 })
      expect(only(told.exceptions)).toMatchObject({
        request_id,
        mechanism: 'manual',
        handled: true,
        path: '/reported',
        route: '/reported',
        exception_message: 'the shelf is empty',
        step: 'pay',
      })
    },
  },
  {
    name: 'an error reported and then thrown is one exception',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/reported-and-thrown'))
      expect(only(told.requests)).toMatchObject({ status_code: 500 })
      expect(only(told.exceptions)).toMatchObject({ request_id: only(told.requests).request_id })
    },
  },
  {
    name: 'shouldCapture that says false keeps an error from being reported, the request stays',
    async run(subject) {
      const asked: unknown[] = []
      const shouldCapture = (error: unknown): boolean => {
        asked.push(error)
        return false
      }
      const told = await play(subject, { options: { shouldCapture } }, ({ ask }) => ask('/throws/error'))
      expect(only(told.events).properties).toMatchObject({ status_code: 500 })
      expect(asked).toEqual(told.stage.thrown)
      expect(asked[0]).toBe(told.stage.thrown[0])
    },
  },
]
