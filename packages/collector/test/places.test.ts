import { expect, it } from 'vitest'
import { createCollector } from '../src/index.js'
import { ask, KEY, makeEvent, SITE, send, temporaryFolder } from './helpers.js'

it('places are told with their newest event and the release that came last', async () => {
  const collector = await createCollector({ port: 0, data: temporaryFolder(), site: SITE, key: KEY })
  const seen = (time: string, properties: Record<string, unknown>) =>
    makeEvent(properties, { timestamp: `2026-11-22T${time}.000Z` })
  await send(collector.url, [
    seen('03:00:00', { environment: 'production', release: 'api@1' }),
    seen('03:02:10', { environment: 'production', release: 'api@2' }),
    seen('03:01:00', {}),
  ])
  await ask(`${collector.url}/api/v1/releases`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ release: 'api@3', environment: 'staging', at: '2026-11-22T03:05:00Z' }),
  })
  const production = {
    site: SITE,
    environment: 'production',
    last_seen: '2026-11-22T03:02:10.000Z',
    deploy: { release: 'api@2', at: '2026-11-22T03:02:10.000Z' },
  }
  const { body } = await ask(`${collector.url}/api/v1/places`)
  expect(body.items).toEqual([
    { site: SITE, environment: null, last_seen: '2026-11-22T03:01:00.000Z', deploy: null },
    production,
    {
      site: SITE,
      environment: 'staging',
      last_seen: null,
      deploy: { release: 'api@3', at: '2026-11-22T03:05:00.000Z' },
    },
  ])
  expect((await ask(`${collector.url}/api/v1/places?env=production`)).body.items).toEqual([production])
  await collector.close()
})
