import { expect } from 'vitest'
import { type Case, only, optionsFor, play } from '../play.js'
import { Sink } from '../sink.js'

/** The endpoint's troubles are not the application's. */
export const delivery: readonly Case[] = [
  {
    name: 'closing the application delivers everything captured so far',
    async run(subject) {
      const told = await play(subject, { options: { flushInterval: 60_000 } }, async ({ ask }) => {
        await Promise.all(Array.from({ length: 50 }, (_, n) => ask(`/api/items/${n}`)))
      })
      expect(told.requests).toHaveLength(50)
    },
  },
  {
    name: 'a request still being served when the application closes is in',
    async run(subject) {
      const told = await play(subject, {}, async ({ ask, app, stage }) => {
        const answer = ask('/slow')
        await stage.arrived()
        const closed = app.close()
        stage.open()
        expect((await answer).status).toBe(200)
        await closed
      })
      expect(only(told.requests)).toMatchObject({ path: '/slow', status_code: 200, outcome: 'ok' })
    },
  },
  {
    name: 'an endpoint that is down: the application answers as ever and closes in time',
    async run(subject) {
      const gone = await Sink.open()
      const { endpoint } = optionsFor(gone)
      await gone.close()
      const start = performance.now()
      const told = await play(subject, { options: { endpoint }, warns: true }, async ({ ask }) => {
        for (const status of [200, 503]) expect((await ask(`/status/${status}`)).status).toBe(status)
        expect((await ask('/throws/error')).status).toBe(500)
      })
      expect(told.events).toEqual([])
      expect(performance.now() - start).toBeLessThan(6000)
    },
  },
  {
    name: 'an endpoint that is silent: the application answers as ever and closes in time',
    async run(subject) {
      const start = performance.now()
      const told = await play(subject, { warns: true }, async ({ ask, sink }) => {
        sink.silent = true
        for (const status of [200, 503]) expect((await ask(`/status/${status}`)).status).toBe(status)
        expect((await ask('/throws/error')).status).toBe(500)
      })
      expect(told.events).toEqual([])
      expect(performance.now() - start).toBeLessThan(6000)
    },
  },
  {
    name: 'without a key nothing is sent, one line says so, and everything works',
    async run(subject) {
      const told = await play(subject, { options: { apiKey: '' }, warns: true }, async ({ ask }) => {
        for (const path of ['/page', '/captures', '/set-user', '/reported', '/named', '/unnamed']) {
          expect((await ask(path)).status).toBe(200)
        }
        expect((await ask('/throws/error')).status).toBe(500)
      })
      expect(told.wire).toBe('')
      expect(only(told.stage.warnings)).toMatch(/^\[justanalytics\] /)
    },
  },
]
