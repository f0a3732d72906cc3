import { expect } from 'vitest'
import type { Ask } from '../client.js'
import { type Case, only, play } from '../play.js'

const body = { body: '{"name":"tea"}', headers: { 'content-type': 'application/json' } }

/** Method and route shape → Django REST framework's vocabulary. */
const actions: readonly [action: string, path: string, ask: Ask][] = [
  ['list', '/api/items', {}],
  ['create', '/api/items', { method: 'POST', ...body }],
  ['retrieve', '/api/items/7', {}],
  ['update', '/api/items/7', { method: 'PUT', ...body }],
  ['partial_update', '/api/items/7', { method: 'PATCH', ...body }],
  ['destroy', '/api/items/7', { method: 'DELETE' }],
]

export const api: readonly Case[] = [
  ...actions.map(
    ([action, path, ask]): Case => ({
      name: `api: ${action} is one api_request and no pageview`,
      async run(subject) {
        let status: number | undefined
        const told = await play(subject, { options: { api: '/api/*' } }, async play => {
          status = (await play.ask(path, ask)).status
        })
        const event = only(told.events)
        expect(event.event).toBe('api_request')
        expect(event.properties).toMatchObject({
          viewset: '/api/items',
          action,
          method: ask.method ?? 'GET',
          path,
          status_code: status,
          query_params: {},
          outcome: 'ok',
        })
        expect(status).toBeLessThan(300)
        expect(event.properties).not.toHaveProperty('referrer')
        expect(event.properties).not.toHaveProperty('user_agent')
      },
    }),
  ),
  {
    name: 'a route that names its viewset and action is told by them',
    async run(subject) {
      const told = await play(subject, { options: { api: '/named' } }, ({ ask }) => ask('/named'))
      expect(only(told.events)).toMatchObject({
        event: 'api_request',
        properties: { viewset: 'carts', action: 'checkout', route: '/named' },
      })
    },
  },
  {
    name: 'a route that opts out has no event',
    async run(subject) {
      const told = await play(subject, {}, async ({ ask }) => {
        expect((await ask('/unnamed')).status).toBe(200)
        await ask('/page')
      })
      expect(only(told.events).properties.path).toBe('/page')
    },
  },
  {
    name: 'query values of an api_request are told, secrets redacted',
    async run(subject) {
      const query = 'page=2&tag=a&tag=b&password=hunter2&api_key=hunter2&Session-Id=hunter2'
      const told = await play(subject, { options: { api: '/api/*' } }, ({ ask }) =>
        ask(`/api/items?${query}`),
      )
      expect(only(told.requests).query_params).toEqual({
        page: '2',
        tag: ['a', 'b'],
        password: '[redacted]',
        api_key: '[redacted]',
        'Session-Id': '[redacted]',
      })
      expect(told.wire).not.toContain('hunter2')
    },
  },
  {
    name: 'redact adds names to the list',
    async run(subject) {
      const options = { api: '/api/*', redact: ['coupon'] }
      const told = await play(subject, { options }, ({ ask }) => ask('/api/items?coupon=hunter2&page=2'))
      expect(only(told.requests).query_params).toEqual({ coupon: '[redacted]', page: '2' })
    },
  },
  {
    name: 'queryParams: false tells none',
    async run(subject) {
      const options = { api: '/api/*', queryParams: false }
      const told = await play(subject, { options }, ({ ask }) => ask('/api/items?page=2'))
      expect(only(told.requests).query_params).toEqual({})
    },
  },
  {
    name: 'queryParams as a list tells those names alone',
    async run(subject) {
      const options = { api: '/api/*', queryParams: ['page'] }
      const told = await play(subject, { options }, ({ ask }) => ask('/api/items?page=2&q=tea'))
      expect(only(told.requests).query_params).toEqual({ page: '2' })
    },
  },
]
