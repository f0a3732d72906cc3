import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAnalytics } from '../../../src/analytics.js'
import type { Analytics } from '../../../src/client.js'
import type { AnalyticsOptions } from '../../../src/options.js'
import { expectBalance } from '../../balance.js'
import { accept, Endpoint } from '../../endpoint.js'
import { SpoolFolder } from './folder.js'

/** The marks before the first record. */
const MARKS = 4096
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let folder: SpoolFolder
let endpoint: Endpoint
let lines: string[]
let clients: Analytics[]

beforeEach(async () => {
  folder = new SpoolFolder()
  endpoint = await Endpoint.open(() => ({ status: 503 }))
  lines = []
  clients = []
})
afterEach(async () => {
  for (const client of clients) await client.close(0)
  await endpoint[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function start(options: AnalyticsOptions = {}): Analytics {
  const client: Analytics = createAnalytics({
    apiKey: 'key',
    siteId: 'site',
    endpoint: endpoint.url,
    spool: folder.path,
    logger: { warn: line => void lines.push(line) },
    onDrop: () => expectBalance(client.stats()),
    ...options,
  })
  clients.push(client)
  return client
}

/** A file that a client has left with so many events. */
async function leave(count: number): Promise<string> {
  const client = start()
  for (let i = 0; i < count; i++) client.capture(`event ${i}`)
  await client.close(0)
  endpoint.behaviour = accept
  endpoint.received.length = 0
  lines.length = 0
  return folder.paths[0] as string
}

const names = (): string[] =>
  endpoint.events.map(({ event }) => event).filter(name => name !== 'client_report')

describe('a damaged file', () => {
  /** Where each line begins; the last one is the end. */
  function linesOf(content: Buffer): number[] {
    const begins = [MARKS]
    for (let at = content.indexOf('\n', MARKS); at !== -1; at = content.indexOf('\n', at + 1))
      begins.push(at + 1)
    return begins
  }
  const without = (content: Buffer, at: number): Buffer =>
    Buffer.concat([content.subarray(0, at), content.subarray(at + 1)])
  const flipped = (content: Buffer, at: number): Buffer => {
    content[at] = (content[at] as number) ^ 1
    return content
  }

  it.each<[string, (content: Buffer, begin: number[]) => Buffer, number, number]>([
    [
      'with a bit flipped in one record',
      (content, begin) => flipped(content, (begin[5] as number) + 100),
      19,
      1,
    ],
    [
      'with a bit flipped in a checksum',
      (content, begin) => flipped(content, (begin[5] as number) + 3),
      19,
      1,
    ],
    ['with a bit flipped in an index', (content, begin) => flipped(content, (begin[5] as number) + 9), 19, 1],
    [
      'with a bit flipped in the last record',
      (content, begin) => flipped(content, (begin[19] as number) + 50),
      19,
      1,
    ],
    [
      'without the break between two records',
      (content, begin) => without(content, (begin[6] as number) - 1),
      18,
      2,
    ],
    ['without a byte of a record', (content, begin) => without(content, (begin[6] as number) + 30), 19, 1],
    ['whose last record is cut', content => content.subarray(0, -20), 19, 1],
    ['cut in its middle', (content, begin) => content.subarray(0, (begin[10] as number) + 20), 10, 1],
    ['cut between records', (content, begin) => content.subarray(0, begin[10]), 10, 0],
    ['cut in its marks', content => content.subarray(0, 1000), 0, 1],
    ['with nothing but marks', content => content.subarray(0, MARKS), 0, 0],
    ['that is empty', () => Buffer.alloc(0), 0, 0],
    ['of zeros', content => Buffer.alloc(content.length), 0, 1],
    ['with zeros behind it', content => Buffer.concat([content, Buffer.alloc(500)]), 20, 1],
    ['of something else', () => Buffer.from('x'.repeat(5000)), 0, 1],
    ['with its records twice', content => Buffer.concat([content, content.subarray(MARKS)]), 20, 0],
    ['whose marks are overwritten', content => content.fill('x', 0, MARKS), 20, 0],
  ])(
    '%s: what is sound is delivered once, the rest counted and told once',
    async (_what, damage, sound, damaged) => {
      const path = await leave(20)
      const content = readFileSync(path)
      writeFileSync(path, damage(content, linesOf(content)))
      const client = start()
      expect(await client.flush(15_000)).toBe(true)
      expect(names()).toHaveLength(sound)
      expect(new Set(names()).size).toBe(sound)
      expect(client.stats()).toMatchObject({
        adopted: sound + damaged,
        delivered: sound,
        spooled: 0,
        queued: 0,
      })
      expect(client.stats().dropped).toEqual(damaged > 0 ? { internal: damaged } : {})
      expect(lines.filter(line => line.includes('damaged'))).toHaveLength(damaged > 0 ? 1 : 0)
      await folder.until(({ names }) => names.length === 0)
    },
  )

  it('that is damaged after it was taken over costs what was damaged', async () => {
    const client = start({ maxQueueSize: 4, flushAt: 500 })
    await client.flush()
    for (let i = 0; i < 20; i++) client.capture(`event ${i}`)
    while (client.stats().spooled < 16) await new Promise(setImmediate)
    const [path = ''] = folder.paths
    const content = readFileSync(path)
    writeFileSync(path, flipped(content, (linesOf(content)[3] as number) + 100))
    endpoint.behaviour = accept
    while (client.stats().delivered < 19) await new Promise(resolve => setTimeout(resolve, 5))
    expect(client.stats()).toMatchObject({ delivered: 19, spooled: 0, dropped: { internal: 1 } })
    await folder.until(({ names }) => names.length === 0)
  })
})

describe('what is no file of a spool', () => {
  it('is left alone and told once', async () => {
    const path = await leave(2)
    const like = (n: number): string => path.replace(/-\d+\.spool$/, `-${900 + n}.spool`)
    writeFileSync(join(folder.path, 'notes.txt'), 'mine')
    writeFileSync(join(folder.path, 'other.spool'), 'mine')
    mkdirSync(like(1))
    symlinkSync(join(folder.path, 'notes.txt'), like(2))
    writeFileSync(like(3), Buffer.alloc(3 * 1024 * 1024))
    spawnSync('mkfifo', [like(4)])
    const before = folder.names.length
    const client = start()
    expect(await client.flush(15_000)).toBe(true)
    expect(names()).toEqual(['event 0', 'event 1'])
    expect(client.stats()).toMatchObject({ adopted: 2, delivered: 2, dropped: {} })
    await folder.until(({ names }) => names.length === before - 1)
    expect(readFileSync(like(2), 'utf8')).toBe('mine')
    expect(lines).toEqual([expect.stringMatching(/has 6 foreign files, which are left alone\.$/)])
  })
})

describe('a file is taken over', () => {
  interface Owner {
    host: string
    space: string
    pid: string
    start: string
  }

  /** A file that looks as if such an owner had left it; what is not given is as for this process. */
  async function leaveAs(other: Partial<Owner>, touched: number): Promise<string> {
    const free = await leave(1)
    start({ siteId: 'living', flushInterval: 60_000 }).capture('waiting')
    await folder.until(({ names }) => names.length === 2)
    const living = folder.names.find(name => name !== basename(free)) ?? ''
    const [, host, space, pid, started] = living.split('-')
    const owner = { host, space, pid, start: started, ...other }
    const [tag] = basename(free).split('-')
    const name = `${tag}-${owner.host}-${owner.space}-${owner.pid}-${owner.start}-0123456789ab-7.spool`
    const path = join(folder.path, name)
    renameSync(free, path)
    utimesSync(path, new Date(touched), new Date(touched))
    return path
  }
  const gone = (): string => String(spawnSync(process.execPath, ['-e', '']).pid)
  const OTHER = 'f'.repeat(12)

  it.each<[string, () => Partial<Owner>, number, boolean]>([
    ['of a process that is gone', () => ({ pid: gone() }), 0, true],
    ['of a process whose id another one has now', () => ({ start: '1' }), 0, true],
    ['of this process’s other client', () => ({}), 0, false],
    ['of this process, however long ago it was touched', () => ({}), 2 * HOUR, false],
    ['of another container with our host name that lives', () => ({ space: OTHER }), 4 * MINUTE, false],
    ['of another container with our host name that is silent', () => ({ space: OTHER }), 6 * MINUTE, true],
    ['of another host that lives', () => ({ host: OTHER, space: OTHER }), 50 * MINUTE, false],
    ['of another host that is silent', () => ({ host: OTHER, space: OTHER }), 70 * MINUTE, true],
  ])('%s', async (_whose, owner, silent, isTaken) => {
    const path = await leaveAs(owner(), Date.now() - silent)
    const next = start()
    await next.flush()
    expect(next.stats().adopted).toBe(isTaken ? 1 : 0)
    expect(folder.paths.includes(path)).toBe(!isTaken)
  })

  it('by one of many that start at once', async () => {
    await leave(50)
    const many = Array.from({ length: 10 }, () => start())
    await Promise.all(many.map(client => client.flush()))
    expect(many.map(client => client.stats().adopted).toSorted((a, b) => a - b)).toEqual([
      ...Array(9).fill(0),
      50,
    ])
    expect(names()).toHaveLength(50)
  })

  it('however many there are', async () => {
    const path = await leave(3)
    for (let n = 0; n < 200; n++) copyFileSync(path, path.replace(/-\d+\.spool$/, `-${900 + n}.spool`))
    const client = start()
    expect(await client.flush(15_000)).toBe(true)
    expect(client.stats()).toMatchObject({ adopted: 603, delivered: 603 })
    await folder.until(({ names }) => names.length === 0)
  })

  it('only for its own site, but removed when nothing in it is worth sending', async () => {
    const path = await leave(1)
    const old = path.replace(/[^/]{12}-free/, `${OTHER}-free`)
    const young = old.replace(/-\d+\.spool$/, '-9.spool')
    copyFileSync(path, young)
    renameSync(path, old)
    const touched = new Date(Date.now() - 25 * HOUR)
    utimesSync(old, touched, touched)
    const client = start()
    expect(await client.flush(15_000)).toBe(true)
    expect(client.stats().adopted).toBe(0)
    expect(folder.paths).toEqual([young])
    expect(statSync(young).size).toBeGreaterThan(0)
  })
})
