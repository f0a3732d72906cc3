import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import type { Entry } from '../../../src/queue/entry.js'
import type { Segment } from '../../../src/transport/spool/segment.js'
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

useSaver()

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
