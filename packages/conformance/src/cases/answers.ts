import { expect } from 'vitest'
import type { Ask } from '../client.js'
import { type Case, only, play } from '../play.js'

/** One request event for whatever the application answers, with the status the client saw, and no exception. */
const plain: readonly [name: string, path: string, ask: Ask, route: string | undefined][] = [
  ['JSON', '/json', {}, '/json'],
  ['a 204 without a body', '/empty', {}, '/empty'],
  ['a redirect', '/moved', {}, '/moved'],
  ['a 304', '/not-modified', {}, '/not-modified'],
  ['a 404 of a route', '/status/404', {}, '/status/:status'],
  ['a path without a route', '/nowhere/at/all', {}, undefined],
  ['HEAD on a GET route', '/page', { method: 'HEAD' }, '/page'],
  ['a 5xx written without a throw', '/status/503', {}, '/status/:status'],
  ['a route with parameters', '/api/items/7', {}, '/api/items/:id'],
  ['a nested and mounted route', '/v1/acme/items/7', {}, '/v1/:org/items/:id'],
  [
    'a POST with a body',
    '/api/items',
    { method: 'POST', body: '{"name":"tea"}', headers: json() },
    '/api/items',
  ],
]

/** Where frameworks differ in what they answer and whether a route has matched. */
const own: readonly [name: string, path: string, ask: Ask][] = [
  ['a method the route does not have', '/page', { method: 'DELETE' }],
  ['OPTIONS on a GET route', '/page', { method: 'OPTIONS' }],
  ['OPTIONS without a route', '/nowhere', { method: 'OPTIONS' }],
  ['a malformed body', '/api/items', { method: 'POST', body: '{"name":', headers: json() }],
  [
    'a media type nobody reads',
    '/api/items',
    { method: 'POST', body: 'x', headers: { 'content-type': 'text/tea' } },
  ],
]

export const answers: readonly Case[] = [
  ...plain.map(
    ([name, path, ask, route]): Case => ({
      name: `${name}: one request event with the status the client saw`,
      async run(subject) {
        let status: number | undefined
        const told = await play(subject, {}, async play => {
          status = (await play.ask(path, ask)).status
        })
        expect(only(told.events).properties).toMatchObject({
          path,
          method: ask.method ?? 'GET',
          status_code: status,
          outcome: 'ok',
        })
        expect(only(told.requests).route).toBe(route)
      },
    }),
  ),
  ...own.map(
    ([name, path, ask]): Case => ({
      name: `${name}: one request event with the framework's own status`,
      async run(subject) {
        let status: number | undefined
        const told = await play(subject, {}, async play => {
          status = (await play.ask(path, ask)).status
        })
        expect(status).toBeLessThan(500)
        expect(only(told.events).properties).toMatchObject({ path, method: ask.method, status_code: status })
      },
    }),
  ),
  {
    name: 'an undecodable URL: one request event with the framework’s own status, no exception',
    async run(subject) {
      let answer = ''
      const told = await play(subject, {}, async ({ connect }) => {
        const client = await connect()
        client.send('/api/items/%zz?q=hunter2', 'Connection: close\r\n')
        answer = await client.toTheEnd()
      })
      expect(told.exceptions).toEqual([])
      expect(only(told.events).properties).toMatchObject({
        path: '/api/items/%zz',
        status_code: Number(answer.split(' ')[1]),
        outcome: 'ok',
      })
      expect(told.wire).not.toContain('hunter2')
    },
  },
  {
    name: 'what is no HTTP never reaches the application: no event',
    async run(subject) {
      const told = await play(subject, {}, async ({ connect }) => {
        const client = await connect()
        client.write('what is this\r\n\r\n')
        expect(await client.toTheEnd()).toContain(' 400 ')
      })
      expect(told.events).toEqual([])
    },
  },
  {
    name: 'requests on one kept connection are one event each',
    async run(subject) {
      const told = await play(subject, {}, async ({ ask }) => {
        for (const path of ['/page', '/json', '/page']) await ask(path)
      })
      expect(told.requests.map(request => request.path)).toEqual(['/page', '/json', '/page'])
      expect(new Set(told.requests.map(request => request.request_id)).size).toBe(3)
    },
  },
  {
    name: 'pipelined requests are one event each',
    async run(subject) {
      const told = await play(subject, {}, async ({ connect }) => {
        const client = await connect()
        const requests = Array.from(
          { length: 15 },
          (_, n) => `GET /api/items/${n} HTTP/1.1\r\nHost: x\r\n\r\n`,
        )
        client.write(`${requests.join('')}GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
        await client.toTheEnd()
      })
      const paths = Array.from({ length: 15 }, (_, n) => `/api/items/${n}`)
      expect(told.requests.map(request => request.path)).toEqual([...paths, '/page'])
      for (const request of told.requests) expect(request).toMatchObject({ status_code: 200, outcome: 'ok' })
    },
  },
]

function json(): Record<string, string> {
  return { 'content-type': 'application/json' }
}
