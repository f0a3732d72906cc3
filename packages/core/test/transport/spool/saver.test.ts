import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Ledger } from '../../../src/queue/ledger.js'
import { type Entry, LANE } from '../../../src/queue/queue.js'
import { Folder } from '../../../src/transport/spool/folder.js'
import { ENDED, readRecords } from '../../../src/transport/spool/record.js'
import { Saver } from '../../../src/transport/spool/saver.js'
import type { Segment } from '../../../src/transport/spool/segment.js'
import { entryOf } from './entries.js'
import { SpoolFolder } from './folder.js'
import { come, disk } from './harness.js'

const MIB = 1024 * 1024

let place: SpoolFolder
let folder: Folder
let ledger: Ledger
let lines: string[]
let parked: number
let losses: number
let saver: Saver

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  place = new SpoolFolder()
  folder = new Folder(place.path, 'https://e.test', 'site')
  ledger = new Ledger()
  lines = []
  parked = 0
  losses = 0
  saver = new Saver({
    folder,
    ledger,
    warn: line => void lines.push(line),
    onPark: () => void parked++,
    onLoss: () => void losses++,
  })
})
afterEach(async () => {
  await saver.stop()
  vi.useRealTimers()
  await place[Symbol.asyncDispose]()
})

/** What the files tell, in the order of their making. */
const records = (isLive = true): string[] =>
  place.paths
    .toSorted((a, b) => Number(/(\d+)\.spool$/.exec(a)?.[1]) - Number(/(\d+)\.spool$/.exec(b)?.[1]))
    .flatMap(path => {
      const content = readFileSync(path)
      const wanted = (index: number): boolean => !isLive || content[index] !== ENDED
      return [...readRecords(content, wanted)].map(record => record?.text ?? 'damaged')
    })

function keep(...texts: string[]): Entry[] {
  const entries = texts.map(text => entryOf(text))
  for (const entry of entries) saver.keep(entry)
  return entries
}

/** Events that are in memory and on disk. */
async function held(...texts: string[]): Promise<[Entry, ...Entry[]]> {
  const entries = keep(...texts)
  await saver.saved()
  return entries as [Entry, ...Entry[]]
}

const only = (): Segment => {
  const [segment] = saver.segments
  return segment as Segment
}

/** Leaves so many bytes of the 16 MiB. */
function fill(bytes: number): string[] {
  mkdirSync(place.path, { recursive: true })
  const paths = Array.from({ length: 8 }, () => folder.freePath())
  for (const [index, path] of paths.entries()) {
    writeFileSync(path, '')
    truncateSync(path, 2 * MIB - (index === 0 ? bytes : 0))
  }
  return paths
}
const empty = (paths: string[]): void => {
  for (const path of paths) rmSync(path)
}

describe('what is in memory', () => {
  it('is on disk 100 ms later', async () => {
    keep('a')
    await vi.advanceTimersByTimeAsync(50)
    keep('b')
    await vi.advanceTimersByTimeAsync(49)
    await disk(5)
    expect(place.names).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await come(() => records().length === 2)
    await saver.saved()
    keep('c')
    await disk(5)
    expect(records()).toEqual(['a', 'b'])
    await vi.advanceTimersByTimeAsync(100)
    await come(() => records().length === 3)
    expect(vi.getTimerCount()).toBe(0)
    expect([parked, losses, lines]).toEqual([0, 0, []])
  })

  it('keeps no process for that', () => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    keep('a')
    const [made] = set.mock.results.map(({ value }) => value as NodeJS.Timeout)
    expect(made?.hasRef()).toBe(false)
    set.mockRestore()
  })

  it('is never on disk where it ends before', async () => {
    const [a] = keep('a') as [Entry]
    saver.settled(a)
    await vi.advanceTimersByTimeAsync(100)
    await saver.saved()
    expect(place.names).toEqual([])
  })

  it('is marked where it ends later, and the file goes with the last', async () => {
    const [a, b] = await held('a', 'b')
    saver.settled(a)
    await come(() => records().join() === 'b')
    await come(() => !only().isStale)
    saver.settled(b as Entry)
    await come(() => place.names.length === 0)
    await saver.saved()
    expect(saver.segments.size).toBe(0)
    await held('c')
    expect(records()).toEqual(['c'])
  })

  it('and ends while it is being written is marked too', async () => {
    const [a] = keep('a', 'b') as [Entry, Entry]
    const saved = saver.save()
    await come(() => place.names.length > 0)
    saver.settled(a)
    await saved
    await saver.saved()
    expect(records()).toEqual(['b'])
    expect(ledger).toMatchObject({ spooled: 0, leaving: 0 })
  })

  it('is known to be on disk once saved() resolves, whatever was under way', async () => {
    keep('a')
    void saver.save()
    keep('b')
    await saver.saved()
    expect(records()).toEqual(['a', 'b'])
  })

  it('fills one file after the other', async () => {
    const texts = Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(60_000)}`)
    await held(...texts)
    expect(records()).toEqual(texts)
    expect(place.names).toHaveLength(3)
    expect(saver.segments.size).toBe(3)
  })
})

describe('what leaves the queue', () => {
  it('is saved at once and told then', async () => {
    const a = entryOf('a', LANE.failure)
    expect(saver.park(a, 'queue_full')).toBeUndefined()
    expect(ledger).toMatchObject({ leaving: 1, spooled: 0 })
    await come(() => parked === 1)
    expect(ledger).toMatchObject({ leaving: 0, spooled: 1 })
    expect(records()).toEqual(['a'])
    expect(only()).toMatchObject({ parked: 1, parkedFailures: 1 })
  })

  it('while others are being written is saved next', async () => {
    keep('a')
    void saver.save()
    saver.park(entryOf('b'), 'queue_full')
    await come(() => parked === 1)
    expect(records()).toEqual(['a', 'b'])
  })

  it('is parked where it is on disk, with its attempts', async () => {
    const [a] = await held('a', 'b')
    a.attempts = 3
    expect(saver.park(a, 'queue_full')).toBeUndefined()
    expect(ledger).toMatchObject({ leaving: 0, spooled: 1 })
    expect(parked).toBe(0)
    const { back } = only().bringBack(readFileSync(only().path), () => true)
    expect(back).toMatchObject([{ index: 0, entry: { text: 'a', attempts: 3 } }])
    saver.settled(a)
    await saver.saved()
    expect(records()).toEqual(['a', 'b'])
  })

  it('and comes back is held again', async () => {
    const [a] = await held('a', 'b')
    saver.park(a, 'queue_full')
    only().bringBack(readFileSync(only().path), () => true)
    const again = entryOf('a')
    saver.hold(again, only(), 0)
    saver.settled(again)
    await saver.saved()
    expect(records()).toEqual(['b'])
  })

  it('holds 2 MiB of memory at most, unless there is no other place', async () => {
    const half = { ...entryOf('half'), bytes: MIB }
    expect(saver.park({ ...half }, 'queue_full')).toBeUndefined()
    expect(saver.park({ ...half, bytes: MIB + 1 }, 'queue_full')).toBe('queue_full')
    expect(saver.park({ ...half }, 'queue_full')).toBeUndefined()
    expect(saver.park(entryOf('x'), 'queue_full')).toBe('queue_full')
    expect(saver.park(entryOf('x'), 'closed')).toBeUndefined()
    expect(ledger.leaving).toBe(3)
    await come(() => parked === 3)
    expect(saver.park({ ...half, bytes: 2 * MIB }, 'queue_full')).toBeUndefined()
  })

  it('is lost for its reason once the spool is closed', async () => {
    const [a] = await held('a')
    await vi.advanceTimersByTimeAsync(100)
    await saver.stop()
    expect(saver.park(entryOf('b'), 'closed')).toBe('closed')
    expect(saver.park(a, 'closed')).toBeUndefined()
    saver.keep(entryOf('c'))
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a full disk', () => {
  it('is told, costs what has left the queue, and is tried again', async () => {
    const files = fill(4000)
    keep('kept')
    saver.park(entryOf('a'), 'queue_full')
    saver.park(entryOf('b'), 'expired')
    await come(() => losses > 0)
    expect(losses).toBe(1)
    expect(ledger).toMatchObject({ leaving: 0, spooled: 0, dropped: { spool_full: 2 } })
    expect(lines).toEqual([
      expect.stringMatching(/^the spool .* is full: events that have to go there are dropped\.$/),
    ])
    expect(saver.park(entryOf('c'), 'queue_full')).toBe('spool_full')
    empty(files)
    await vi.advanceTimersByTimeAsync(100)
    await come(() => records().join() === 'kept')
    await saver.saved()
    expect(saver.park(entryOf('d'), 'queue_full')).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('takes as much as there is room for', async () => {
    fill(4096 + 200)
    saver.park(entryOf('x'.repeat(100)), 'queue_full')
    saver.park(entryOf('y'.repeat(100)), 'queue_full')
    await come(() => losses === 1 && parked === 1)
    expect(ledger).toMatchObject({ spooled: 1, leaving: 0, dropped: { spool_full: 1 } })
  })

  it('does not hinder what needs no room', async () => {
    const [a, b] = await held('a', 'b')
    fill(0)
    saver.park(entryOf('c'), 'queue_full')
    await come(() => losses === 1)
    expect(saver.park(b as Entry, 'queue_full')).toBeUndefined()
    saver.settled(a)
    await saver.saved()
    expect(only().told).toBe(1)
  })

  it.runIf(process.platform === 'linux')('is known by what it answers', async () => {
    const [a] = await held('a', 'b')
    const aside = `${only().path}-aside`
    renameSync(only().path, aside)
    symlinkSync('/dev/full', only().path)
    saver.park(entryOf('c'), 'queue_full')
    await come(() => losses === 1)
    expect(ledger.dropped).toEqual({ spool_full: 1 })
    saver.settled(a)
    await saver.saved()
    renameSync(aside, only().path)
    await vi.advanceTimersByTimeAsync(100)
    await come(() => only().told === 1)
    expect(records()).toContain('b')
  })
})

describe('a folder that cannot be used', () => {
  it('is told with the reason, costs what has left the queue, and is tried again', async () => {
    writeFileSync(place.path, '')
    keep('kept')
    saver.park(entryOf('a'), 'queue_full')
    await come(() => losses === 1)
    expect(ledger).toMatchObject({ leaving: 0, dropped: { queue_full: 1 } })
    expect(lines).toEqual([`the spool ${place.path} cannot be written (ENOTDIR): events are in memory only.`])
    expect(saver.park(entryOf('b'), 'expired')).toBe('expired')
    rmSync(place.path)
    await disk(5)
    expect(place.names).toEqual([])
    await vi.advanceTimersByTimeAsync(100)
    await come(() => records().join() === 'kept')
    expect(lines).toHaveLength(1)
  })

  it('loses nothing that is in memory', async () => {
    writeFileSync(place.path, '')
    keep('a')
    await saver.saved()
    expect([losses, ledger.dropped]).toEqual([0, {}])
  })
})

describe('a file that is gone', () => {
  it('costs what was there alone; what is in memory is saved again', async () => {
    const [a, b] = await held('a', 'b', 'c')
    saver.park(a, 'queue_full')
    saver.park(b as Entry, 'queue_full')
    const lost = only()
    rmSync(place.path, { recursive: true })
    keep('d')
    await saver.saved()
    expect(lines).toEqual([`a file of the spool ${place.path} is gone, and its events with it.`])
    expect(ledger).toMatchObject({ spooled: 0, dropped: { internal: 2 } })
    expect(losses).toBe(1)
    await vi.advanceTimersByTimeAsync(100)
    await come(() => records().toSorted().join() === 'c,d')
    saver.lose(lost)
    expect(losses).toBe(1)
  })

  it('is not told where nothing was lost with it, and other files are left alone', async () => {
    const other = Array.from({ length: 20 }, (_, n) => `${n} ${'x'.repeat(60_000)}`)
    await held(...other)
    const [first, second] = [...saver.segments] as [Segment, Segment]
    rmSync(second.path)
    saver.lose(second)
    await saver.saved()
    expect(records().toSorted()).toEqual(other.toSorted())
    expect(saver.segments).toContain(first)
    expect([losses, lines, ledger.dropped]).toEqual([0, [], {}])
  })

  it('is noticed where an end is to be told in it', async () => {
    const [a] = await held('a', 'b')
    rmSync(only().path)
    saver.settled(a)
    await saver.saved()
    await vi.advanceTimersByTimeAsync(100)
    await come(() => records().join() === 'b')
  })

  it('when all has ended is what was to be', async () => {
    const [a] = await held('a')
    rmSync(only().path)
    saver.settled(a)
    await saver.saved()
    expect(saver.segments.size).toBe(0)
    expect([losses, lines]).toEqual([0, []])
  })

  it('while it is written to', async () => {
    const [a] = await held('a')
    saver.park(a, 'queue_full')
    keep('b')
    const saved = saver.save()
    saver.lose(only())
    await saved
    await saver.saved()
    expect(ledger).toMatchObject({ spooled: 0, dropped: { internal: 1 } })
    expect([...saver.segments].map(({ records }) => records)).toEqual([1])
  })
})

describe('saveNow()', () => {
  it('saves what is in memory while the process waits, and nothing later', async () => {
    keep('a')
    saver.park(entryOf('b'), 'exit')
    saver.saveNow()
    expect(records()).toEqual(['a', 'b'])
    expect(ledger).toMatchObject({ leaving: 0, spooled: 1 })
    expect(vi.getTimerCount()).toBe(0)
    expect(saver.park(entryOf('c'), 'exit')).toBe('exit')
    await disk(10)
    expect(records(false)).toEqual(['a', 'b'])
  })

  it('makes what is being written once more, in its place', async () => {
    keep('a', 'b')
    const saved = saver.save()
    await come(() => place.names.length > 0)
    keep('c')
    saver.saveNow()
    expect(records()).toEqual(['a', 'b', 'c'])
    await saved
    expect(records()).toEqual(['a', 'b', 'c'])
    expect(only().records).toBe(3)
  })

  it('tries where there was trouble before, but once', async () => {
    const files = fill(0)
    keep('a')
    await saver.saved()
    saver.saveNow()
    expect(lines).toHaveLength(2)
    empty(files)
    saver.saveNow()
    expect(records()).toEqual(['a'])
  })

  it('makes no folder where there is nothing to save', () => {
    saver.saveNow()
    expect(() => readFileSync(join(place.path, 'x'))).toThrow('ENOENT')
    expect(place.names).toEqual([])
  })

  it('gives up a file that is gone for another one', async () => {
    await held('a')
    rmSync(only().path)
    keep('b')
    saver.saveNow()
    expect(records().toSorted()).toEqual(['a', 'b'])
  })
})
