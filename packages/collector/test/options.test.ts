import { describe, expect, it } from 'vitest'
import { type Collector, CollectorError, type CollectorOptions, createCollector } from '../src/index.js'
import { KEY, makeEvent, SITE, send, stored, temporaryFolder } from './helpers.js'

describe('a wrong option is one sentence that names it, what was expected and what was given', () => {
  const wrong: [options: object | null, sentence: RegExp][] = [
    [null, /`options` to be an object, got null/],
    [{ colour: 'red' }, /`colour` to be left out .*, got "red"/],
    [{ clickhouse: 'tcp://x' }, /`clickhouse` to be `http:.*, got 7 characters/],
    [{ clickhouse: 'http://x/a-b' }, /`clickhouse` to be `http:/],
    [{ clickhouse: 'http://x', cluster: 'a b' }, /`cluster` to be .*, got "a b"/],
    [
      { webhook: 'http://pager.example', webhookSecret: 'x'.repeat(16) },
      /`webhook` to be .* got 20 characters/,
    ],
    [{ webhook: 'https://pager.example' }, /`webhookSecret` to be .*, got nothing/],
    [{ webhook: 'https://pager.example', webhookSecret: 'short' }, /`webhookSecret`.* got 5 characters/],
    [{ webhookSecret: 'x'.repeat(16) }, /`webhook` to be given beside `webhookSecret`/],
    [{ webhookAllowPrivate: 'yes' }, /`webhookAllowPrivate` to be true or false, got "yes"/],
    [{ cluster: 'shop' }, /`clickhouse` to be given beside `cluster`, got nothing/],
    [{ host: '' }, /`host` to be .*, got ""/],
    [{ host: 'a b' }, /`host`/],
    [{ host: '192.168.0.1' }, /`token` to be set .*192\.168\.0\.1/],
    [{ host: null }, /`host` to be .*, got null/],
    [{ port: null }, /`port` to be .*, got null/],
    [{ data: null }, /`data` to be .*, got null/],
    [{ retention: null }, /`retention` to be .*, got null/],
    [{ port: '4100' }, /`port` to be .*, got "4100"/],
    [{ port: -1 }, /`port`.* got -1/],
    [{ port: 65_536 }, /`port`/],
    [{ port: 1.5 }, /`port`/],
    [{ data: '' }, /`data`/],
    [{ data: 5 }, /`data`.* got 5/],
    [{ site: 'with blank' }, /`site`/],
    [{ site: [] }, /`site`.* got an array/],
    [{ key: 'k' }, /`site` to be given beside `key`, got nothing/],
    [{ retention: 30 }, /`retention`.* got 30/],
    [{ retention: '30m' }, /`retention`.* got "30m"/],
    [{ retention: '0d' }, /`retention`/],
    [{ retention: '9999d' }, /`retention`/],
    [{ token: '' }, /`token`/],
  ]
  it.each(wrong)('%j', async (options, sentence) => {
    const error = await createCollector(options as CollectorOptions).catch(error => error)
    expect(error).toBeInstanceOf(CollectorError)
    expect(error.message).toMatch(sentence)
    expect(error.message).toMatch(/^Expected `[^\n]*\.$/)
  })

  it.each([{ token: 'hun ter2' }, { site: 'x', key: 'hun ter2' }, { clickhouse: 'tcp://u:hunter2@h' }])(
    'keeps a secret out of it',
    async options => {
      const error = await createCollector(options).catch(error => error)
      expect(error.message).toMatch(/got \d+ characters/)
      expect(error.message).not.toMatch(/ter2/)
    },
  )
})

describe('the library', () => {
  it('gives the site and the key that the first start made, once', async () => {
    const data = temporaryFolder()
    const first = await createCollector({ port: 0, data })
    const { siteId, apiKey } = first.created ?? { siteId: '', apiKey: '' }
    expect((await send(first.url, makeEvent({}, { site_id: siteId }), apiKey)).status).toBe(202)
    await first.close()
    const second = await createCollector({ port: 0, data })
    expect(second.created).toBeUndefined()
    expect(await stored(second.url)).toHaveLength(1)
    await second.close()
  })

  it('makes a key for the named site where it has none', async () => {
    const data = temporaryFolder()
    const collector = await createCollector({ port: 0, data, site: 'mine' })
    expect(collector.created?.siteId).toBe('mine')
    await collector.close()
  })

  it('closes twice as once, and frees its folder for the next', async () => {
    const options = { port: 0, data: temporaryFolder(), site: SITE, key: KEY }
    for (let round = 0; round < 3; round++) {
      const collector: Collector = await createCollector(options)
      await send(collector.url, makeEvent())
      await Promise.all([collector.close(), collector.close()])
      await collector.close()
      await expect(fetch(collector.url)).rejects.toThrow()
    }
  })

  it('refuses a second collector in one process, and says why', async () => {
    const data = temporaryFolder()
    const collector = await createCollector({ port: 0, data })
    await expect(createCollector({ port: 0, data })).rejects.toThrow(/in use by this process/)
    await expect(createCollector({ port: 0, data: temporaryFolder() })).rejects.toThrow(
      /one process can hold one store/,
    )
    expect((await fetch(`${collector.url}/api/v1/health`)).status).toBe(200)
    await collector.close()
  })

  it('keeps a changed retention', async () => {
    const data = temporaryFolder()
    for (const retention of ['30d', '12h', '12h', '30d']) {
      const collector = await createCollector({ port: 0, data, site: SITE, key: KEY, retention })
      expect((await send(collector.url, makeEvent())).status).toBe(202)
      await collector.close()
    }
    const collector = await createCollector({ port: 0, data, site: SITE, key: KEY })
    expect(await stored(collector.url)).toHaveLength(4)
    await collector.close()
  })
})
