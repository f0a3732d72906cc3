import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAnalytics } from '../../src/analytics.js'
import { parseEvents } from '../../src/event/parse.js'
import { createRecorder } from '../../src/testing.js'
import { expectBalance } from '../balance.js'
import { Endpoint } from '../endpoint.js'
import { anything, hostile } from '../event/hostile.js'

type Properties = Record<string, unknown>

it('whatever is captured becomes one valid event each, and so do its neighbours', () => {
  fc.assert(
    fc.property(anything, anything, (make, other) => {
      const client = createRecorder()
      client.capture('good', { n: 1 })
      client.capture('odd', make() as Properties)
      client.captureException(make(), other() as Properties)
      client.capture(other() as string, { value: make() })
      client.capture('good', { n: 2 })
      const { events, rejected } = parseEvents(JSON.parse(JSON.stringify(client.events)))
      expect(rejected).toEqual([])
      expect(events).toHaveLength(5)
      expect(client.named('good').map(({ properties }) => properties.n)).toEqual([1, 2])
      expect(client.stats()).toMatchObject({ captured: 5, delivered: 5, dropped: {} })
    }),
  )
})

it('good events beside every value that breaks what reads it are all delivered', async () => {
  await using endpoint = await Endpoint.open()
  await using client = createAnalytics({
    apiKey: 'key',
    siteId: 'site',
    endpoint: endpoint.url,
    logger: { warn() {} },
  })
  const makers = Object.values(hostile)
  for (const make of makers) {
    client.capture('good')
    client.capture('odd', make() as Properties)
    client.captureException(make())
    expectBalance(client.stats())
  }
  expect(await client.flush()).toBe(true)
  const names = endpoint.events.map(({ event }) => event)
  expect(names.filter(name => name === 'good')).toHaveLength(makers.length)
  expect(names.filter(name => name === 'odd')).toHaveLength(makers.length)
  const { delivered, dropped } = client.stats()
  // What is thrown over and over is a storm, and told in one.
  expect(delivered + (dropped.repeated ?? 0)).toBe(makers.length * 3)
  expect(new Set(endpoint.events.map(({ event_id }) => event_id)).size).toBe(endpoint.events.length)
})
