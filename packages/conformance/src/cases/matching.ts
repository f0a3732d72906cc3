import type { AdapterOptions } from '@justanalytics/core/adapter'
import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'

type Matcher = NonNullable<AdapterOptions<unknown>['ignore']>

/** Each matches /json and no other of the three that are asked for. */
const matchers: readonly [name: string, matcher: Matcher][] = [
  ['an exact path', '/json'],
  ['a prefix', '/js*'],
  ['a RegExp', /^\/js/g],
  ['an array', ['/nowhere', /^\/json$/]],
]

const paths = ['/page', '/json?x=1', '/api/items', '/json']

export const matching: readonly Case[] = [
  ...matchers.flatMap(([name, matcher]): Case[] => [
    {
      name: `ignore as ${name} leaves those requests out`,
      async run(subject) {
        const told = await play(subject, { options: { ignore: matcher } }, async ({ ask }) => {
          for (const path of paths) await ask(path)
        })
        expect(told.requests.map(request => request.path)).toEqual(['/page', '/api/items'])
      },
    },
    {
      name: `api as ${name} makes those requests api_request`,
      async run(subject) {
        const told = await play(subject, { options: { api: matcher } }, async ({ ask }) => {
          for (const path of paths) await ask(path)
        })
        expect(told.events.map(event => event.event)).toEqual([
          'pageview',
          'api_request',
          'pageview',
          'api_request',
        ])
      },
    },
  ]),
  ...(['ignore', 'api'] as const).map(
    (option): Case => ({
      name: `${option} as a predicate is asked with the framework’s own object`,
      async run(subject) {
        const asked: unknown[] = []
        const predicate = (request: unknown): boolean => {
          asked.push(request)
          return true
        }
        const told = await play(subject, { options: { [option]: predicate } }, async ({ ask, stage }) => {
          stage.open()
          await ask('/slow')
        })
        expect(told.events.map(event => event.event)).toEqual(option === 'ignore' ? [] : ['api_request'])
        expect(asked).toContain(only(told.stage.requests))
      },
    }),
  ),
  {
    name: 'an ignored request that fails is left out altogether',
    async run(subject) {
      const told = await play(subject, { options: { ignore: '/throws/*' } }, ({ ask }) =>
        ask('/throws/error'),
      )
      expect(told.events).toEqual([])
    },
  },
]
