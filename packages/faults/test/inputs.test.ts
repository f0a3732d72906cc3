import { inspect } from 'node:util'
import { type Analytics, createAnalytics } from '@justanalytics/core'
import { parseEvents } from '@justanalytics/core/event'
import { describe, expect, it } from 'vitest'
import { INPUTS } from '../src/cases/inputs.js'
import { API_KEY as apiKey } from '../src/endpoints.js'
import { violations } from '../src/invariants.js'
import { FaultServer, type ReferenceLedger } from '../src/server/index.js'

/** Everywhere a value can be handed to a client. */
const WAYS: readonly ((client: Analytics, value: never) => void)[] = [
  (client, value) => client.capture('as a property', { value, beside: 'it' }),
  (client, value) => client.capture('in a list', { list: [1, value, 2] }),
  (client, value) => client.capture('as the properties', value),
  (client, value) => client.capture(value),
  (client, value) => client.captureException(value),
  (client, value) => client.captureException(new Error('x', { cause: value }), { value }),
]

describe.each(INPUTS)('$name', ({ make }) => {
  it('is an event in every way, beside good ones', async () => {
    const { ledger, stats } = await deliver(client => {
      client.capture('good', { mark: 'before' })
      for (const way of WAYS) way(client, make() as never)
      client.capture('good', { mark: 'after' })
    })
    expect(stats.dropped).toEqual({})
    expect(stats.delivered).toBe(WAYS.length + 2)
    const events = [...ledger.events.values()].map(({ event }) => event)
    expect(events.filter(({ event }) => event === 'good')).toHaveLength(2)
    expect(parseEvents(events).rejected).toEqual([])
    for (const event of events)
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(64 * 1024)
    expect(events.find(({ event }) => event === 'as a property')?.properties.beside).toBe('it')
  })

  it('is left as it was', async () => {
    const value = make()
    // Node makes some of its globals when they are first looked at.
    look(value)
    const before = look(value)
    await deliver(client => {
      for (const way of WAYS) way(client, value as never)
    })
    expect(look(value)).toBe(before)
  })
})

describe('what is captured', () => {
  it('is copied then: later changes do not show', async () => {
    const list = [1]
    const properties: Record<string, unknown> = { list, deep: { a: 1 }, size: 1 }
    const error = new Error('as it was')
    const { ledger } = await deliver(client => {
      client.capture('early', properties)
      client.captureException(error, properties)
      list.push(2)
      properties.deep = 'changed'
      delete properties.size
      error.message = 'changed'
      error.stack = 'changed'
    })
    const text = JSON.stringify([...ledger.events.values()])
    expect(text).not.toContain('changed')
    expect(text).toContain('as it was')
    expect(text.match(/"list":\[1\],"deep":\{"a":1\},"size":1/g)).toHaveLength(2)
  })
})

async function deliver(capture: (client: Analytics) => void): Promise<{
  ledger: ReferenceLedger
  stats: ReturnType<Analytics['stats']>
}> {
  await using server = await FaultServer.open()
  const lines: string[] = []
  const logger = { warn: (line: string): void => void lines.push(line) }
  const client = createAnalytics({ apiKey, siteId: 'site', endpoint: server.url, logger })
  capture(client)
  await client.flush()
  await client.close()
  const stats = client.stats()
  expect(violations({ stats, ledger: server.ledger, lines, apiKey, client })).toEqual([])
  expect(lines).toEqual([])
  return { ledger: server.ledger, stats }
}

/** All that can be seen of a value without asking its getters; what cannot be looked at looks like nothing. */
function look(value: unknown): string {
  try {
    const options = { showHidden: true, depth: 4, maxArrayLength: 5, maxStringLength: 100 }
    // What looks in its own way may do more than look. `performance` of the global object tells the time.
    return inspect(value, { ...options, customInspect: false }).replace(
      /\b(duration|idleTime): [\d.]+/g,
      '$1',
    )
  } catch {
    return ''
  }
}
