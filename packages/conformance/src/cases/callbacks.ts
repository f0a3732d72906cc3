import type { AdapterOptions } from '@justanalytics/core/adapter'
import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'

const explode = (): never => {
  throw new Error('callback')
}

/** Options that are the application's own code. */
export const callbacks: readonly Case[] = [
  ...(['user', 'ignore', 'api', 'visitor', 'shouldCapture'] as const).map(
    (option): Case => ({
      name: `${option} that throws counts as unset, with a warning`,
      async run(subject) {
        const options: AdapterOptions<unknown> = { [option]: explode }
        let body = ''
        const told = await play(subject, { options, warns: true }, async ({ ask }) => {
          await ask('/throws/error')
          body = (await ask('/json')).body
        })
        expect(JSON.parse(body)).toEqual({ ok: true })
        expect(told.events.map(event => event.event).sort()).toEqual(['exception', 'pageview', 'pageview'])
        expect(told.requests.map(request => request.user_id)).toEqual([null, null])
        expect(only(told.stage.warnings)).toMatch(new RegExp(`^\\[justanalytics\\] .*${option}`))
      },
    }),
  ),
  {
    name: 'beforeSend changes what is sent',
    async run(subject) {
      const options: AdapterOptions<unknown> = {
        beforeSend: event => ({ ...event, properties: { ...event.properties, path: '/changed' } }),
      }
      const told = await play(subject, { options }, ({ ask }) => ask('/page'))
      expect(only(told.requests).path).toBe('/changed')
    },
  },
  {
    name: 'beforeSend drops what it answers null to',
    async run(subject) {
      const options: AdapterOptions<unknown> = {
        beforeSend: event => (event.properties.path === '/page' ? null : event),
      }
      const told = await play(subject, { options }, async ({ ask }) => {
        for (const path of ['/page', '/json', '/page']) await ask(path)
      })
      expect(told.requests.map(request => request.path)).toEqual(['/json'])
    },
  },
  {
    name: 'beforeSend that throws drops the event',
    async run(subject) {
      const told = await play(subject, { options: { beforeSend: explode }, warns: true }, async ({ ask }) => {
        expect((await ask('/page')).status).toBe(200)
      })
      expect(told.requests).toEqual([])
      expect(told.stage.warnings[0]).toContain('beforeSend')
    },
  },
  {
    name: 'sampleRate 0 sends failures alone',
    async run(subject) {
      const told = await play(subject, { options: { sampleRate: 0 } }, async ({ ask }) => {
        for (const path of ['/page', '/throws/error', '/json', '/status/503']) await ask(path)
      })
      expect(told.requests.map(request => request.path)).toEqual(['/throws/error', '/status/503'])
      expect(told.exceptions).toHaveLength(1)
    },
  },
  {
    name: 'sampleRate sends a share, each event with its weight, and every failure',
    async run(subject) {
      const told = await play(subject, { options: { sampleRate: 0.5 } }, async ({ ask }) => {
        for (let n = 0; n < 60; n++) await ask(n % 6 === 0 ? '/throws/error' : '/page')
      })
      const healthy = told.requests.filter(request => request.status_code === 200)
      expect(healthy.length).toBeGreaterThan(0)
      expect(healthy.length).toBeLessThan(50)
      for (const request of healthy) expect(request.weight).toBe(2)
      const failed = told.requests.filter(request => request.status_code === 500)
      expect(failed).toHaveLength(10)
      for (const request of failed) expect(request.weight ?? 1).toBe(1)
      expect(told.exceptions).toHaveLength(10)
    },
  },
  {
    name: 'a wrong option fails the start in a sentence that names it',
    async run(subject) {
      for (const options of [{ flushAt: 0 }, { visitor: 'yes' }, { colour: 'red' }]) {
        const [name] = Object.keys(options)
        const start = play(subject, { options: options as AdapterOptions<unknown> }, ({ ask }) =>
          ask('/page'),
        )
        await expect(start).rejects.toMatchObject({
          name: 'JustAnalyticsError',
          message: expect.stringContaining(`\`${name}\``),
        })
      }
    },
  },
]
