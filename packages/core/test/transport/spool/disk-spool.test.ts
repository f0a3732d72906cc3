import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { LANE } from '../../../src/queue/queue.js'
import { Folder } from '../../../src/transport/spool/folder.js'
import { MARKS_BYTES } from '../../../src/transport/spool/record.js'
import {
  back,
  endpoint,
  HOUR,
  leave,
  ledger,
  lines,
  MINUTE,
  open,
  pass,
  place,
  queue,
  ready,
  spool,
  told,
  useDiskSpool,
} from './disk-spool-world.js'
import { entryOf } from './entries.js'
import { come } from './harness.js'

useDiskSpool()

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

describe('each minute', () => {
  it('what is a day old is given up', async () => {
    leave(['old', 'older'], LANE.healthy, 24 * HOUR - 30_000)
    endpoint.isSick = true
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
