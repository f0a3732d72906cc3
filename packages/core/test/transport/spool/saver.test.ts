import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Entry } from '../../../src/queue/entry.js'
import { LANE } from '../../../src/queue/queue.js'
import { entryOf } from './entries.js'
import { come, disk } from './harness.js'
import {
  empty,
  fill,
  held,
  keep,
  ledger,
  lines,
  losses,
  only,
  parked,
  place,
  records,
  saver,
  useSaver,
} from './saver-world.js'

const MIB = 1024 * 1024

useSaver()

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
