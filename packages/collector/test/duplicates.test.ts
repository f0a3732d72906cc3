import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { createKey } from '../src/ingest/keys.js'
import { ask, KEY, makeEvent, SITE, send, stored, temporaryFolder } from './helpers.js'

const data = temporaryFolder(afterAll)
const options = { port: 0, data, site: SITE, key: KEY }
const otherKey = createKey(data, 'site_2').key
let collector: Collector

beforeAll(async () => {
  collector = await createCollector(options)
})
afterAll(() => collector.close())

const idsOf = async (query: string) => (await stored(collector.url, query)).map(event => event.event_id)

describe('an event id is stored once', () => {
  it('within one batch', async () => {
    const event = makeEvent({}, { event: 'in_batch' })
    const answer = await send(collector.url, [event, event, event])
    expect(answer.body).toEqual({ accepted: 3, rejected: [] })
    expect(await idsOf('event=in_batch')).toEqual([event.event_id])
  })

  it('one request after the other', async () => {
    const event = makeEvent({}, { event: 'in_turn' })
    for (let i = 0; i < 3; i++)
      expect((await send(collector.url, event)).body).toEqual({ accepted: 1, rejected: [] })
    expect(await idsOf('event=in_turn')).toEqual([event.event_id])
  })

  it('in requests at the same time', async () => {
    const events = Array.from({ length: 20 }, () => makeEvent({}, { event: 'at_once' }))
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => send(collector.url, i % 2 ? events : [...events].reverse())),
    )
    expect(answers.map(answer => answer.body.accepted)).toEqual(Array(40).fill(20))
    expect((await idsOf('event=at_once')).sort()).toEqual(events.map(event => event.event_id).sort())
  })

  it('with another body: the first one wins', async () => {
    const first = makeEvent({ path: '/first' }, { event: 'other_body' })
    const second = { ...makeEvent({ path: '/second' }), event: 'other_body_2', event_id: first.event_id }
    await send(collector.url, first)
    expect((await send(collector.url, second)).body).toEqual({ accepted: 1, rejected: [] })
    expect(await stored(collector.url, 'event=other_body')).toEqual([first])
    expect(await stored(collector.url, 'event=other_body_2')).toEqual([])
  })

  it('across a restart', async () => {
    const events = Array.from({ length: 5 }, () => makeEvent({}, { event: 'restarted' }))
    await send(collector.url, events)
    await collector.close()
    collector = await createCollector(options)
    expect((await send(collector.url, events)).body).toEqual({ accepted: 5, rejected: [] })
    expect((await idsOf('event=restarted')).sort()).toEqual(events.map(event => event.event_id).sort())
  })

  it('whatever the id looks like', async () => {
    const ids = ['1', "';--", 'ä', 'x'.repeat(100), '\\N', '{id}']
    const events = ids.map(event_id => makeEvent({}, { event: 'odd_id', event_id }))
    await send(collector.url, events)
    await send(collector.url, events)
    expect((await idsOf('event=odd_id')).sort()).toEqual([...ids].sort())
  })

  it('in each site', async () => {
    const mine = makeEvent({}, { event: 'two_sites' })
    await send(collector.url, mine)
    await send(collector.url, { ...mine, site_id: 'site_2' }, otherKey)
    const sites = (await stored(collector.url, 'event=two_sites')).map(event => event.site_id)
    expect(sites.sort()).toEqual([SITE, 'site_2'])
  })

  it('in every figure, too', async () => {
    const event = makeEvent({}, { timestamp: '2024-05-01T10:00:30.000Z' })
    await Promise.all(Array.from({ length: 10 }, () => send(collector.url, [event, event])))
    const { body } = await ask(
      `${collector.url}/api/v1/series?from=2024-05-01T10:00Z&to=2024-05-01T10:01Z&step=60000`,
    )
    expect(body.buckets).toEqual([expect.objectContaining({ requests: 1 })])
  })
})
