import { inspect } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { createAnalytics } from '../../src/analytics.js'
import type { Analytics } from '../../src/client.js'
import { accept, type Behaviour, Endpoint } from '../endpoint.js'

const KEY = 'k3y-that-nobody-may-see'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function start(
  behaviour: Behaviour,
): Promise<{ endpoint: Endpoint; client: Analytics; lines: string[] }> {
  const endpoint = await Endpoint.open(behaviour)
  const lines: string[] = []
  const client = createAnalytics({
    apiKey: KEY,
    siteId: 'site',
    endpoint: `${endpoint.url}?token=${KEY}`,
    logger: { warn: line => void lines.push(line) },
  })
  open.push(endpoint, client)
  return { endpoint, client, lines }
}

it('the key is in nothing that can be printed of a client', async () => {
  const { client } = await start(accept)
  client.capture('used')
  await client.flush()
  const shown = inspect(client, { depth: Number.POSITIVE_INFINITY, showHidden: true })
  expect(shown + JSON.stringify(client) + String(client)).not.toContain(KEY)
})

it.each<[string, Behaviour]>([
  ['is misconfigured', () => ({ status: 404 })],
  ['refuses it', () => ({ status: 401 })],
  [
    'quotes it',
    ({ events }) => ({
      body: JSON.stringify({ rejected: [{ index: 0, reason: `${KEY} ${events.length}` }] }),
    }),
  ],
])('the key is in no warning about an endpoint that %s', async (_what, behaviour) => {
  const { client, lines } = await start(behaviour)
  client.capture('used')
  await client.flush()
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toContain(KEY)
})

it('the key goes nowhere a redirect points to', async () => {
  const elsewhere = await Endpoint.open()
  open.push(elsewhere)
  const { client, endpoint } = await start(() => ({ status: 307, headers: { location: elsewhere.url } }))
  client.capture('used')
  expect(await client.flush()).toBe(false)
  expect(endpoint.received).toHaveLength(1)
  expect(elsewhere.received).toHaveLength(0)
})

it('the key is in no error about a wrong option', () => {
  for (const options of [
    { apiKey: [KEY] },
    { apiKey: KEY, flushAt: -1 },
    { apiKey: KEY, endpoint: 'ftp://e.test' },
  ]) {
    let thrown: unknown
    try {
      createAnalytics(options as never)
    } catch (error) {
      thrown = error
    }
    expect(inspect(thrown)).toMatch(/^JustAnalyticsError/)
    expect(inspect(thrown, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(KEY)
  }
})
