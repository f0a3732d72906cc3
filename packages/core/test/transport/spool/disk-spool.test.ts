import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Ledger } from '../../../src/queue/ledger.js'
import { type Entry, LANE, type Lane } from '../../../src/queue/queue.js'
import { DiskSpool } from '../../../src/transport/spool/disk-spool.js'
import { Folder } from '../../../src/transport/spool/folder.js'
import { encodeRecord, MARKS_BYTES } from '../../../src/transport/spool/record.js'
import { entryOf } from './entries.js'
import { SpoolFolder } from './folder.js'
import { come, disk } from './harness.js'

const KIB = 1024
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const PLENTY = { events: 1000, bytes: 4 * KIB * KIB }
const PLACE = { endpoint: 'https://e.test', siteId: 'site' }

let place: SpoolFolder
/** Of those who were here before. */
let before: Folder
let ledger: Ledger
let lines: string[]
let told: string[]
let queue: { size: number; inFlight: number; room: { events: number; bytes: number }; back: Entry[] }
let isSick: boolean
let spool: DiskSpool

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  place = new SpoolFolder()
  mkdirSync(place.path)
  before = new Folder(place.path, PLACE.endpoint, PLACE.siteId)
  ledger = new Ledger()
  lines = []
  told = []
  queue = { size: 0, inFlight: 0, room: PLENTY, back: [] }
  isSick = false
})
afterEach(async () => {
  await spool.close()
  vi.useRealTimers()
  await place[Symbol.asyncDispose]()
})

/** A file that a process which is gone has left. */
function leave(texts: readonly string[], lane: Lane = LANE.healthy, age = 0): string {
  const path = before.freePath()
  const captured = Date.now() - age
  const records = texts.map((text, index) => encodeRecord({ index, order: index, captured, lane, text }))
  writeFileSync(path, Buffer.concat([Buffer.alloc(MARKS_BYTES), ...records]))
  return path
}
const many = (count: number, text = 'e'): string[] => Array.from({ length: count }, (_, n) => text + n)

function open(): void {
  spool = new DiskSpool(
    { folder: place.path, ...PLACE },
    {
      queue: {
        get size() {
          return queue.size
        },
        get inFlight() {
          return queue.inFlight
        },
        get room() {
          return queue.room
        },
        restore: entries => void queue.back.push(...entries),
      },
      ledger,
      warn: line => void lines.push(line.replaceAll(place.path, '<folder>')),
      isSick: () => isSick,
      onAdopt: count => void told.push(`adopted ${count}`),
      onReady: () => void told.push('ready'),
      onReturn: () => void told.push('back'),
      onLoss: () => void told.push('lost'),
    },
  )
}

/** A spool that has taken over what others left, and brought nothing back. */
async function ready(): Promise<void> {
  open()
  await come(() => spool.isReady)
  told.length = 0
}
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await disk(20)
}
const back = (): string =>
  queue.back
    .splice(0)
    .map(({ text }) => text)
    .join(' ')

describe('a spool', () => {
  it('is ready when it has taken over what others left', async () => {
    leave(['a', 'b'])
    leave(['c'])
    open()
    expect(spool.isReady).toBe(false)
    await come(() => spool.isReady)
    expect(told.toSorted()).toEqual(['adopted 1', 'adopted 2', 'ready'])
    expect(told.at(-1)).toBe('ready')
    expect(ledger).toMatchObject({ adopted: 3, spooled: 3, dropped: {} })
    expect(place.names.filter(name => name.includes('-free-'))).toEqual([])
    await pass(MINUTE)
    expect(told.filter(word => word === 'ready')).toHaveLength(1)
  })

  it('is ready all the same where its folder cannot be used', async () => {
    rmSync(place.path, { recursive: true })
    writeFileSync(place.path, '')
    await ready()
    expect(lines).toEqual(['the spool <folder> has a file that cannot be used (ENOTDIR).'])
  })

  it('gives up what is a day old, and tells how much is damaged', async () => {
    leave(['old', 'older'], LANE.healthy, 24 * HOUR + 1)
    const path = leave(['a', 'b', 'c'])
    writeFileSync(path, readFileSync(path).fill('?', MARKS_BYTES, MARKS_BYTES + 5))
    open()
    await come(() => spool.isReady)
    expect(ledger).toMatchObject({ adopted: 5, spooled: 2, dropped: { expired: 2, internal: 1 } })
    expect(lines).toEqual(['the spool <folder> had damaged records, which are left out.'])
    await come(() => place.names.length === 1)
  })

  it('looks again every minute', async () => {
    await ready()
    leave(['late'])
    await pass(MINUTE - 1)
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await come(() => told.includes('adopted 1'))
    await pass(10)
    expect(back()).toBe('late')
    leave(['later'])
    await vi.advanceTimersByTimeAsync(MINUTE)
    await come(() => told.length === 3)
  })

  it('keeps no process', async () => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    await ready()
    const made = set.mock.results.map(({ value }) => value as NodeJS.Timeout)
    expect(made.map(timer => timer.hasRef())).toEqual([false, false])
    set.mockRestore()
  })

  it('tells of foreign files once, and of more of them again', async () => {
    writeFileSync(join(place.path, 'notes'), '')
    await ready()
    await pass(MINUTE)
    await come(() => lines.length === 1)
    writeFileSync(join(place.path, 'more'), '')
    await vi.advanceTimersByTimeAsync(MINUTE)
    await come(() => lines.length === 2)
    expect(lines).toEqual([1, 2].map(n => `the spool <folder> has ${n} foreign files, which are left alone.`))
  })

  it('removes what is for others and too old for them', async () => {
    const path = new Folder(place.path, '', '').freePath()
    writeFileSync(path, '')
    utimesSync(path, 0, 0)
    await ready()
    expect(place.names).toEqual([])
  })

  it('goes on after a file that cannot be taken over', async () => {
    const path = leave(['a'])
    open()
    rmSync(path)
    await come(() => spool.isReady)
    expect([told, lines]).toEqual([['ready'], []])
  })
})

describe('events come back', () => {
  it('10 ms later, at once where they are asked for', async () => {
    leave(['a'])
    await ready()
    await pass(9)
    expect(told).toEqual([])
    await pass(1)
    expect([told, back()]).toEqual([['back'], 'a'])
    expect(ledger.spooled).toBe(0)
    leave(['b'])
    await vi.advanceTimersByTimeAsync(MINUTE)
    await come(() => told.includes('adopted 1'))
    await spool.bringBack()
    expect(back()).toBe('b')
  })

  it('and are not waited for where there are none', async () => {
    await ready()
    await spool.bringBack()
    expect([told, queue.back]).toEqual([[], []])
  })

  it.each<[string, { sick?: boolean; size?: number; inFlight?: number; room?: object }, number]>([
    ['a batch', {}, 499],
    ['what there is room for', { room: { events: 7 } }, 7],
    ['as many bytes as there is room for', { size: 1, room: { bytes: 20 } }, 10],
    ['what there is room for, whatever waits already', { size: 498, room: { events: 400 } }, 400],
    ['nothing where a batch is waiting', { size: 499 }, 0],
    ['ten where the endpoint is sick', { sick: true }, 10],
    ['what there is room for where it is sick', { sick: true, room: { events: 3 } }, 3],
    ['nothing where it is sick and some are waiting', { sick: true, size: 1 }, 0],
    ['nothing where it is sick and some are under way', { sick: true, inFlight: 1 }, 0],
  ])('no more than %s', async (_what, { sick = false, room, ...figures }, count) => {
    leave(Array(600).fill('ee'))
    await ready()
    isSick = sick
    Object.assign(queue, figures, { room: { ...PLENTY, ...room } })
    await spool.bringBack()
    expect(queue.back).toHaveLength(count)
    expect(ledger.spooled).toBe(600 - count)
    expect(told).toEqual(count > 0 ? ['back'] : [])
  })

  it('512 KiB at a time', async () => {
    leave(many(20, 'x'.repeat(60 * KIB)))
    await ready()
    await spool.bringBack()
    expect(queue.back).toHaveLength(8)
  })

  it('however large, where memory is empty', async () => {
    leave(['x'.repeat(60 * KIB), 'y'.repeat(60 * KIB)])
    await ready()
    queue.room = { ...PLENTY, bytes: 1000 }
    queue.inFlight = 1
    await spool.bringBack()
    expect(queue.back).toHaveLength(0)
    queue.inFlight = 0
    await spool.bringBack()
    expect(queue.back).toHaveLength(1)
  })

  it('failures first, then the oldest', async () => {
    leave(['young'], LANE.healthy, 1000)
    leave(['old'], LANE.healthy, HOUR)
    leave(['failure'], LANE.failure, 500)
    leave(['older failure'], LANE.failure, 5000)
    await ready()
    const order: string[] = []
    for (let n = 0; n < 5; n++) {
      await spool.bringBack()
      order.push(back())
    }
    expect(order).toEqual(['older failure', 'failure', 'old', 'young', ''])
  })

  it('once, however often they are asked for', async () => {
    leave(['a'])
    leave(['b'])
    await ready()
    await Promise.all([spool.bringBack(), spool.bringBack()])
    expect(queue.back).toHaveLength(1)
  })

  it('not while the process rests, but after its next event', async () => {
    leave(['a'])
    await ready()
    spool.rest()
    await spool.bringBack()
    expect(back()).toBe('')
    spool.keep(entryOf('new'))
    await spool.bringBack()
    expect(back()).toBe('a')
  })

  it('and end on disk when they have ended', async () => {
    leave(['a', 'b'])
    await ready()
    await spool.bringBack()
    spool.settled(queue.back[0] as Entry)
    await spool.saved()
    expect(place.names).toHaveLength(1)
    spool.settled(queue.back[1] as Entry)
    await spool.saved()
    expect(place.names).toEqual([])
  })

  it('without those that are damaged by then', async () => {
    leave(['a', 'b'])
    await ready()
    const [path = ''] = place.paths
    writeFileSync(path, readFileSync(path).fill('?', MARKS_BYTES, MARKS_BYTES + 3))
    await spool.bringBack()
    expect(back()).toBe('b')
    expect(ledger).toMatchObject({ spooled: 0, dropped: { internal: 1 } })
    expect(told).toEqual(['lost', 'back'])
    expect(lines).toHaveLength(1)
  })

  it('from the next file where all of one is damaged, too old or gone', async () => {
    leave(['damaged'], LANE.healthy, 3 * HOUR)
    leave(['old'], LANE.healthy, 24 * HOUR - 3)
    leave(['gone'], LANE.healthy, 2 * HOUR)
    leave(['good'])
    await ready()
    for (const path of place.paths) {
      const content = readFileSync(path)
      if (content.includes('gone')) rmSync(path)
      if (content.includes('damaged')) writeFileSync(path, content.fill('?', MARKS_BYTES))
    }
    await vi.advanceTimersByTimeAsync(5)
    await spool.bringBack()
    expect(back()).toBe('good')
    expect(ledger).toMatchObject({ spooled: 0, dropped: { internal: 2, expired: 1 } })
  })

  it('not from a file that cannot be read', async () => {
    leave(['a'])
    await ready()
    const [path = ''] = place.paths
    rmSync(path)
    mkdirSync(path)
    await spool.bringBack()
    expect(lines).toEqual(['the spool <folder> has a file that cannot be used (EISDIR).'])
    expect([told, ledger.spooled, ledger.dropped]).toEqual([[], 1, {}])
  })
})

describe('each minute', () => {
  it('what is a day old is given up', async () => {
    leave(['old', 'older'], LANE.healthy, 24 * HOUR - 30_000)
    isSick = true
    queue.size = 1
    await ready()
    await pass(29_000)
    expect(ledger.dropped).toEqual({})
    await pass(31_000)
    await come(() => place.names.length === 0)
    expect(ledger).toMatchObject({ spooled: 0, dropped: { expired: 2 } })
    expect(told).toEqual(['lost'])
  })

  it('files are touched, and what is missing is noticed', async () => {
    leave(['a'])
    leave(['b'])
    queue.size = 499
    await ready()
    const [kept = '', gone = ''] = place.paths
    utimesSync(kept, 0, 0)
    rmSync(gone)
    await vi.advanceTimersByTimeAsync(MINUTE)
    await come(() => told.includes('lost'))
    expect(statSync(kept).mtimeMs).toBeGreaterThan(Date.now() - MINUTE)
    expect(ledger).toMatchObject({ spooled: 1, dropped: { internal: 1 } })
  })
})

describe('a spool that is closed', () => {
  it('lets go of its files, and has no timers', async () => {
    leave(['a'])
    await ready()
    spool.keep(entryOf('b'))
    await spool.close()
    expect(place.names.map(name => name.split('-')[1])).toEqual(['free', 'free'])
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
    await pass(2 * MINUTE)
    expect([told, queue.back]).toEqual([[], []])
    await spool.bringBack()
    expect(queue.back).toEqual([])
  })

  it('takes over no more than it is at', async () => {
    for (let n = 0; n < 5; n++) leave([`event ${n}`])
    open()
    await spool.close()
    expect(ledger.adopted).toBeLessThan(5)
    expect(told.at(-1)).toBe('ready')
    expect(vi.getTimerCount()).toBe(0)
    expect(place.names).toHaveLength(5)
    expect(place.names.join()).not.toContain(`-${process.pid}-`)
  })

  it('at once does the same while the process waits', async () => {
    leave(['a'])
    await ready()
    spool.park(entryOf('b'), 'exit')
    spool.closeNow()
    expect(place.names.map(name => name.split('-')[1])).toEqual(['free', 'free'])
    expect(ledger.spooled).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on where a file is gone, and tells of one that cannot be let go', async () => {
    leave(['a'])
    leave(['b'])
    leave(['c', 'd'])
    await ready()
    const [first = '', second = ''] = place.paths.filter(path => !readFileSync(path).includes(' d\n'))
    await spool.bringBack()
    await spool.bringBack()
    await spool.bringBack()
    const { back } = queue
    rmSync(first)
    rmSync(second)
    mkdirSync(second)
    for (const entry of back.filter(({ text }) => 'abc'.includes(text))) spool.settled(entry)
    spool.closeNow()
    expect(lines).toEqual([
      expect.stringMatching(/^the spool <folder> has a file that cannot be used \((EISDIR|EPERM)\)\.$/),
    ])
    expect(place.names.filter(name => name.includes('-free-'))).toHaveLength(1)
  })
})
