import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Collector, type CollectorOptions, createCollector } from '../src/index.js'
import { type ClickHouse, PASSWORD, PATIENCE, startClickHouse, USER } from './clickhouse-server.js'
import { ask, KEY, makeEvent, runCli, SITE, send, stored, temporaryFolder } from './helpers.js'
import { ANSWERS, askUntilAnswered, tellStory } from './same-answers.js'

let server: ClickHouse
beforeAll(async () => {
  server = await startClickHouse()
}, PATIENCE.timeout)

async function start(options: CollectorOptions = {}): Promise<Collector> {
  const collector = await createCollector({
    port: 0,
    data: temporaryFolder(),
    site: SITE,
    key: KEY,
    ...options,
  })
  onTestFinished(() => collector.close())
  return collector
}

const onServer = (database: string) => start({ clickhouse: server.url(database) })

describe('a ClickHouse server', PATIENCE, () => {
  it('answers every question as the embedded store does', async () => {
    const [there, here] = [await onServer('same_answers'), await start()]
    await tellStory(there.url)
    await tellStory(here.url)
    for (const path of ANSWERS) {
      const [answer, known] = [
        await askUntilAnswered(there.url + path),
        await askUntilAnswered(here.url + path),
      ]
      expect([path, answer.status]).toEqual([path, known.status])
      expect([path, steady(answer.body)]).toEqual([path, steady(known.body)])
    }
    expect((await ask(`${there.url}/api/v1/health`)).body.store).toBe('clickhouse')
  })

  it('has an event once, however many collectors get it at the same time', async () => {
    const collectors = await Promise.all([1, 2, 3].map(() => onServer('many_collectors')))
    const events = Array.from({ length: 30 }, () => makeEvent())
    for (let round = 0; round < 2; round++) {
      const batch = [...events, makeEvent()]
      const answers = await Promise.all(collectors.map(({ url }) => send(url, batch)))
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202])
    }
    for (const { url } of collectors) expect(await stored(url)).toHaveLength(32)
  })

  it('takes a whole batch of the longest ids there are, once', async () => {
    const { url } = await onServer('long_ids')
    const events = Array.from({ length: 500 }, (_, i) =>
      makeEvent({}, { event_id: `${i}`.padStart(100, "'") }),
    )
    for (let round = 0; round < 2; round++)
      expect((await send(url, events)).body).toEqual({ accepted: 500, rejected: [] })
    expect(await stored(url)).toHaveLength(500)
  })

  it('keeps its events when the collector goes, and the tables as they are', async () => {
    const first = await onServer('kept')
    await send(first.url, makeEvent())
    await first.close()
    const second = await onServer('kept')
    expect(await stored(second.url)).toHaveLength(1)
  })

  it('that is away is answered with 503, and served again once it is back', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => told.mockRestore())
    const { url } = await onServer('away')
    expect((await send(url, makeEvent())).status).toBe(202)
    await server.kill()
    const refused = makeEvent()
    for (const answer of [await send(url, refused), await ask(`${url}/api/v1/series`)]) {
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('5')
    }
    await server.start()
    expect((await send(url, refused)).status).toBe(202)
    expect(await stored(url)).toHaveLength(2)
    expect(told.mock.calls.flat().join()).not.toContain(PASSWORD)
  })
})

/** An HTTP server that gives everything the same answer. */
async function answering(status: number, body: string): Promise<string> {
  const other = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  return `http://${USER}:${PASSWORD.replaceAll(/[/@]/g, '')}@127.0.0.1:${(other.address() as AddressInfo).port}/x`
}

describe('a ClickHouse that cannot be worked with is one sentence', PATIENCE, () => {
  const cases: [name: string, url: () => Promise<string> | string, says: RegExp][] = [
    [
      'out of reach',
      () => 'http://u:secret@127.0.0.1:9/x',
      /127\.0\.0\.1:9 does not answer \(ECONNREFUSED\)/,
    ],
    [
      'a wrong password',
      () => server.url('x').replace(/:[^:@]*@/, ':secret@'),
      /does not let the user "analytics" in/,
    ],
    ['an unknown user', () => server.url('x').replace(USER, 'nobody'), /does not let the user "nobody" in/],
    ['too old', () => answering(200, '{"version":"24.1.8.22"}\n'), /version 24\.1\.8\.22, .* 25\.3 or later/],
    ['something else', () => answering(404, 'Not here'), /does not answer \(Not here\)/],
  ]
  it.each(cases)('%s', async (_, url, says) => {
    const error = await createCollector({ port: 0, data: temporaryFolder(), clickhouse: await url() }).catch(
      e => e,
    )
    expect(error.name).toBe('CollectorError')
    expect(error.message).toMatch(says)
    expect(error.message).toMatch(/^[^\n]*\.$/)
    expect(error.message).not.toMatch(/secret|p@ss|p%40ss/)
  })

  it('and so is a cluster it does not know', async () => {
    const options = { port: 0, data: temporaryFolder(), clickhouse: server.url('x'), cluster: 'nowhere' }
    await expect(createCollector(options)).rejects.toThrow(
      /knows no cluster nowhere \(it knows: .*`--cluster`/,
    )
  })
})

describe('the password of a ClickHouse', PATIENCE, () => {
  it('is shown by neither the command line nor its title', async () => {
    const flags = ['--port', '0', '--data', temporaryFolder(), '--clickhouse', server.url('titled')]
    const cli = runCli(flags)
    await cli.listening()
    if (process.platform === 'linux')
      expect(readFileSync(`/proc/${cli.child.pid}/cmdline`, 'utf8')).toMatch(/^justanalytics-collector\0*$/)
    cli.child.kill('SIGTERM')
    expect(await cli.ended).toBe(0)
    expect(cli.out() + cli.err()).not.toContain(encodeURIComponent(PASSWORD))
  })
})

/** What depends on the clock or on the store's name, left out. */
function steady(answer: object): object {
  return JSON.parse(
    JSON.stringify(answer, (name, value) =>
      ['as_of', 'store', 'lag_ms'].includes(name) ? undefined : value,
    ),
  )
}
