import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'

/** Who made a request, and what hangs on the request's own object. */
export const identity: readonly Case[] = [
  {
    name: 'a user who is known late is in the event, asked of the framework’s own object',
    async run(subject) {
      const told = await play(subject, { options: ({ userOf }) => ({ user: userOf }) }, ({ ask }) =>
        ask('/account'),
      )
      expect(only(told.requests).user_id).toBe('user-7')
    },
  },
  {
    name: 'a user id that is a number is a string on the wire',
    async run(subject) {
      const told = await play(subject, { options: { user: () => 42 } }, ({ ask }) => ask('/throws/error'))
      expect(only(told.requests).user_id).toBe('42')
      expect(only(told.exceptions).user_id).toBe('42')
    },
  },
  {
    name: 'setUser in a handler says who it was, over the user option',
    async run(subject) {
      const told = await play(subject, { options: { user: () => 'somebody' } }, ({ ask }) => ask('/set-user'))
      expect(only(told.requests).user_id).toBe('42')
    },
  },
  {
    name: 'capture in a handler carries the request’s id and user, which custom properties never overwrite',
    async run(subject) {
      const told = await play(subject, { options: ({ userOf }) => ({ user: userOf }) }, ({ ask }) =>
        ask('/captures'),
      )
      const [custom] = told.events.filter(event => event.event === 'cart_opened')
      expect(told.events).toHaveLength(2)
      expect(custom?.properties).toMatchObject({
        items: 3,
        user_id: 'user-7',
        request_id: only(told.requests).request_id,
        sdk: only(told.requests).sdk,
      })
    },
  },
  {
    name: 'a visitor has one id for all requests, another with another user agent',
    async run(subject) {
      const told = await play(subject, {}, async ({ ask }) => {
        for (const agent of ['tea', 'tea', 'coffee']) await ask('/page', { headers: { 'user-agent': agent } })
      })
      const [first, second, third] = told.requests.map(request => request.visitor_id)
      expect(first).toMatch(/^\S{8,}$/)
      expect(second).toBe(first)
      expect(third).toMatch(/^\S{8,}$/)
      expect(third).not.toBe(first)
    },
  },
  ...[{ dnt: '1' }, { 'sec-gpc': '1' }].map(
    (headers): Case => ({
      name: `${Object.keys(headers)[0] === 'dnt' ? 'DNT' : 'Sec-GPC'}: no visitor id, not on the exception either`,
      async run(subject) {
        const told = await play(subject, {}, ({ ask }) => ask('/throws/error', { headers: { ...headers } }))
        expect(told.events).toHaveLength(2)
        for (const { properties } of told.events) expect(properties).not.toHaveProperty('visitor_id')
      },
    }),
  ),
  {
    name: 'visitor: false gives no visitor id',
    async run(subject) {
      const told = await play(subject, { options: { visitor: false } }, ({ ask }) => ask('/page'))
      expect(only(told.requests)).not.toHaveProperty('visitor_id')
    },
  },
  {
    name: 'visitor as a function of the framework’s object gives the application’s own id',
    async run(subject) {
      const asked: unknown[] = []
      const visitor = (request: unknown): string => {
        asked.push(request)
        return 'my-visitor'
      }
      const told = await play(subject, { options: { visitor } }, async ({ ask, stage }) => {
        stage.open()
        await ask('/slow')
      })
      expect(only(told.requests).visitor_id).toBe('my-visitor')
      expect(asked).toContain(only(told.stage.requests))
    },
  },
]
