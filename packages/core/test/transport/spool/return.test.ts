import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import type { Entry } from '../../../src/queue/entry.js'
import { LANE } from '../../../src/queue/queue.js'
import { MARKS_BYTES } from '../../../src/transport/spool/record.js'
import {
  back,
  endpoint,
  HOUR,
  KIB,
  leave,
  ledger,
  lines,
  MINUTE,
  many,
  PLENTY,
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
    ['nothing where it is sick and some are either', { sick: true, size: 1, inFlight: 1 }, 0],
  ])('no more than %s', async (_what, { sick = false, room, ...figures }, count) => {
    leave(Array(600).fill('ee'))
    await ready()
    endpoint.isSick = sick
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

  it('soon after they had to leave memory, where there is room again', async () => {
    await ready()
    await pass(10)
    spool.park(entryOf('a'), 'queue_full')
    await come(() => ledger.spooled === 1)
    await vi.advanceTimersByTimeAsync(10)
    await come(() => told.includes('back'))
    expect(back()).toBe('a')
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
    expect(told.toSorted()).toEqual(['back', 'lost', 'lost', 'lost'])
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
