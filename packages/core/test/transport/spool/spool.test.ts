import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAnalytics } from '../../../src/analytics.js'
import type { Analytics } from '../../../src/client.js'
import type { AnalyticsOptions } from '../../../src/options.js'
import { expectBalance } from '../../balance.js'
import { accept, type Behaviour, Endpoint } from '../../endpoint.js'
import { SpoolFolder } from './folder.js'

const SICK: Behaviour = () => ({ status: 503 })

let folder: SpoolFolder
let endpoint: Endpoint
let lines: string[]
let clients: Analytics[]

beforeEach(async () => {
  folder = new SpoolFolder()
  endpoint = await Endpoint.open()
  lines = []
  clients = []
})
afterEach(async () => {
  for (const client of clients) {
    expectBalance(client.stats())
    await client.close(0)
    expectBalance(client.stats())
  }
  await endpoint[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function start(options: AnalyticsOptions = {}): Analytics {
  const client: Analytics = createAnalytics({
    apiKey: 'top-secret',
    siteId: 'site_1',
    endpoint: endpoint.url,
    spool: folder.path,
    logger: { warn: line => void lines.push(line) },
    onDrop: () => expectBalance(client.stats()),
    ...options,
  })
  clients.push(client)
  return client
}

function captureMany(client: Analytics, count: number, from = 0): void {
  for (let i = from; i < from + count; i++) {
    client.capture(`event ${i}`)
    expectBalance(client.stats())
  }
}

async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise(resolve => setTimeout(resolve, 5))
}

const names = (): string[] =>
  endpoint.events.map(({ event }) => event).filter(name => name !== 'client_report')
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `event ${i}`)
const inOrder = (events: string[]): string[] =>
  events.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))

describe('an event that waits', () => {
  it('is on disk, in a folder and a file for this user alone', async () => {
    endpoint.behaviour = () => 'silent'
    const client = start()
    client.capture('waiting')
    await folder.until(({ content }) => content.includes('waiting'))
    expect(statSync(folder.path).mode & 0o777).toBe(0o700)
    expect(folder.paths.map(path => statSync(path).mode & 0o777)).toEqual([0o600])
    expect(client.stats()).toMatchObject({ queued: 1, spooled: 0 })
  })

  it('leaves no key, no address and no site in the names, and no key in the files', async () => {
    start({ flushInterval: 60_000 }).capture('waiting')
    await folder.until(({ content }) => content.includes('waiting'))
    expect(folder.names.join() + folder.content).not.toContain('top-secret')
    expect(folder.names.join()).not.toMatch(/site_1|127\.0\.0\.1/)
  })

  it('is gone from disk as soon as it is delivered', async () => {
    const client = start({ flushInterval: 60_000 })
    client.capture('waiting')
    await folder.until(({ content }) => content.includes('waiting'))
    expect(await client.flush(15_000)).toBe(true)
    await folder.until(({ names }) => names.length === 0)
    expect(client.stats()).toMatchObject({ delivered: 1, spooled: 0 })
  })

  it('is never on disk where it is delivered at once', async () => {
    const client = start()
    captureMany(client, 3)
    expect(await client.close()).toBe(true)
    expect(folder.names).toEqual([])
  })
})

describe('what the queue has no room for', () => {
  it('waits on disk and is delivered when the endpoint is healthy again, each event once', async () => {
    endpoint.behaviour = SICK
    const client = start({ maxQueueSize: 10 })
    captureMany(client, 200)
    await until(() => client.stats().spooled === 190)
    expect(client.stats()).toMatchObject({ dropped: {} })
    endpoint.behaviour = accept
    endpoint.received.length = 0
    await endpoint.until(({ events }) => events.length >= 200)
    await until(() => client.stats().delivered === 200)
    expect(inOrder(names())).toEqual(numbered(200))
    expect(client.stats()).toMatchObject({ queued: 0, spooled: 0, adopted: 0, dropped: {} })
    await folder.until(({ names }) => names.length === 0)
  })

  it('comes back with failures first', async () => {
    endpoint.behaviour = SICK
    const client = start({ maxQueueSize: 5, flushAt: 500 })
    captureMany(client, 20)
    for (let i = 0; i < 20; i++) client.captureException(new Error(`failure ${i % 10}`), { i })
    await until(() => client.stats().spooled > 20)
    await client.close(0)
    endpoint.behaviour = accept
    endpoint.received.length = 0
    const next = start()
    expect(await next.flush(15_000)).toBe(true)
    const order = names()
    expect(order.lastIndexOf('exception')).toBeLessThan(order.indexOf('event 0'))
  })

  it('makes flush() wait for it', async () => {
    const client = start({ maxQueueSize: 3, flushAt: 500, flushInterval: 60_000 })
    captureMany(client, 50)
    expect(await client.flush(15_000)).toBe(true)
    expect(inOrder(names())).toEqual(numbered(50))
  })

  it('makes flush() false where it cannot be delivered', async () => {
    endpoint.behaviour = SICK
    const client = start({ maxQueueSize: 3, flushAt: 500 })
    captureMany(client, 50)
    expect(await client.flush(300)).toBe(false)
  })
})

describe('close()', () => {
  it('leaves what it could not deliver to the next client', async () => {
    endpoint.behaviour = SICK
    const client = start()
    captureMany(client, 30)
    expect(await client.close(100)).toBe(false)
    expect(client.stats()).toMatchObject({ captured: 30, queued: 0, inFlight: 0, spooled: 30, dropped: {} })
    endpoint.behaviour = accept
    endpoint.received.length = 0
    const next = start()
    expect(await next.flush(15_000)).toBe(true)
    expect(next.stats()).toMatchObject({ captured: 0, adopted: 30, delivered: 30, spooled: 0 })
    expect(names()).toEqual(numbered(30))
    await folder.until(({ names }) => names.length === 0)
  })

  it('keeps the identity and the time of an event', async () => {
    endpoint.behaviour = () => 'silent'
    const client = start()
    client.capture('lasting', { text: 'ſtrange \u2028 \ud83d\ude00 "quoted"\n' })
    await endpoint.until(({ events }) => events.length === 1).catch(() => {})
    const [sent] = endpoint.events
    await client.close(0)
    endpoint.behaviour = accept
    await start().flush()
    expect(endpoint.events[1]).toEqual(sent)
  })

  it('leaves nothing where all was delivered', async () => {
    const client = start({ flushInterval: 60_000 })
    captureMany(client, 10)
    await folder.until(({ content }) => content.includes('event 9'))
    expect(await client.close()).toBe(true)
    expect(folder.names).toEqual([])
  })
})

describe('a folder', () => {
  it('holds 16 MiB at most; what finds no room is counted and told once', async () => {
    endpoint.behaviour = SICK
    const client = start({ maxQueueBytes: 256 * 1024 })
    const properties = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`field ${i}`, 'x'.repeat(990)]),
    )
    for (let i = 0; client.stats().dropped.spool_full === undefined; i++) {
      client.capture(`event ${i}`, properties)
      expectBalance(client.stats())
      if (i % 10 === 0) await until(() => client.stats().queued < 20)
    }
    expect(folder.bytes).toBeLessThanOrEqual(16 * 1024 * 1024)
    expect(folder.bytes).toBeGreaterThan(15.8 * 1024 * 1024)
    expect(lines.filter(line => line.includes('is full'))).toHaveLength(1)
    expect(client.stats().dropped).toEqual({ spool_full: expect.any(Number) })
    await client.close(0)
    const { spooled } = client.stats()
    endpoint.behaviour = accept
    const next = start()
    expect(await next.flush(15_000)).toBe(true)
    expect(next.stats()).toMatchObject({ adopted: spooled, delivered: spooled })
    await folder.until(({ names }) => names.length === 0)
  })

  it('is shared by clients of several sites, who leave each other’s events alone', async () => {
    endpoint.behaviour = SICK
    const one = start({ siteId: 'one' })
    const other = start({ siteId: 'other' })
    one.capture('of one')
    other.capture('of other')
    await Promise.all([one.close(0), other.close(0)])
    endpoint.behaviour = accept
    endpoint.received.length = 0
    const next = start({ siteId: 'other' })
    await next.flush()
    expect(names()).toEqual(['of other'])
    expect(folder.names).toHaveLength(1)
  })

  it('that cannot be used is told once, and events are delivered all the same', async () => {
    writeFileSync(folder.path, 'not a folder')
    const client = start({ maxQueueSize: 5, flushInterval: 700 })
    captureMany(client, 5)
    await until(() => client.stats().delivered === 5)
    expect(client.stats().dropped).toEqual({})
    expect(readFileSync(folder.path, 'utf8')).toBe('not a folder')
    expect(new Set(lines).size).toBe(lines.length)
  })

  it('that goes missing is made again, and what is in memory saved again', async () => {
    const client = start({ flushInterval: 60_000 })
    captureMany(client, 3)
    await folder.until(({ content }) => content.includes('event 2'))
    rmSync(folder.path, { recursive: true })
    client.capture('event 3')
    await folder.until(({ content }) => content.includes('event 3') && content.includes('event 0'))
    expect(await client.close()).toBe(true)
    expect(names()).toEqual(numbered(4))
    expect(folder.names).toEqual([])
  })

  it('that goes missing with events that were only there costs no more than these', async () => {
    endpoint.behaviour = SICK
    const client = start({ maxQueueSize: 4 })
    captureMany(client, 10)
    await until(() => client.stats().spooled === 6)
    rmSync(folder.path, { recursive: true })
    endpoint.behaviour = accept
    await until(() => client.stats().dropped.internal === 6)
    await until(() => client.stats().delivered === 4)
    expect(lines.filter(line => line.includes('is gone'))).toHaveLength(1)
  })

  it('may be given by a relative path that an application changes the meaning of', async () => {
    const here = process.cwd()
    mkdirSync(folder.path, { mode: 0o700 })
    process.chdir(folder.path)
    try {
      const client = start({ spool: 'events', flushInterval: 60_000 })
      process.chdir(here)
      client.capture('waiting')
      await folder.until(({ names }) => names.includes('events'))
    } finally {
      process.chdir(here)
    }
  })
})

describe('a full disk', () => {
  it.runIf(process.platform === 'linux')(
    'is told once, harms nothing and is used again when it has room',
    async () => {
      const client = start({ maxQueueSize: 5, flushInterval: 60_000, flushAt: 500 })
      captureMany(client, 1)
      await folder.until(({ content }) => content.includes('event 0'))
      const [path = ''] = folder.paths
      const aside = `${folder.path}-aside`
      renameSync(path, aside)
      // Whatever is written there ends in ENOSPC.
      symlinkSync('/dev/full', path)
      captureMany(client, 9, 1)
      await until(() => client.stats().dropped.spool_full !== undefined)
      captureMany(client, 10, 10)
      expect(client.stats().dropped.spool_full).toBeGreaterThan(3)
      expect(lines.filter(line => line.includes('is full'))).toHaveLength(1)
      renameSync(aside, path)
      await folder.until(({ content }) => content.includes('event 19'))
      expect(await client.flush(15_000)).toBe(true)
      await folder.until(({ names }) => names.length === 0)
    },
  )
})
