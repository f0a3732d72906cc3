import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../src/queue/entry.js'
import { Ledger } from '../../src/queue/ledger.js'
import { LANE, type Lane, Queue } from '../../src/queue/queue.js'
import { expectBalance } from '../balance.js'

let ledger: Ledger

beforeEach(() => {
  ledger = new Ledger()
})

function queueOf(maxQueueSize: number, maxQueueBytes = 1_000_000): Queue {
  return new Queue({ maxQueueSize, maxQueueBytes }, ledger, () => {})
}

function push(queue: Queue, text: string, lane: Lane = LANE.healthy, bytes = 10): Entry {
  ledger.captured++
  const entry = queue.push(text, bytes, lane)
  expectBalance(queue.stats)
  return entry
}

describe('room', () => {
  it('is what may come in without anything going out', () => {
    const queue = queueOf(10, 100)
    expect(queue.room).toEqual({ events: 10, bytes: 75 })
    push(queue, 'a', LANE.other, 20)
    push(queue, 'error', LANE.failure, 40)
    expect(queue.room).toEqual({ events: 8, bytes: 40 })
    queue.take(1, 100)
    expect(queue.room).toEqual({ events: 8, bytes: 40 })
    const [a] = queue.take(1, 100) as [Entry]
    queue.resize(a, 'b', 10)
    expect(queue.room).toEqual({ events: 8, bytes: 50 })
    queue.settle(a, 'delivered')
    expect(queue.room).toEqual({ events: 9, bytes: 60 })
    queue.settle(a, 'delivered')
    expect(queue.stats).toMatchObject({ delivered: 1, inFlight: 1 })
  })

  it('is made by a keeper who takes what has to go', () => {
    const queue = queueOf(2, 100)
    const parked: string[] = []
    queue.keeper = {
      keep() {},
      park({ text }, reason) {
        if (text === 'a') return reason
        parked.push(text)
        ledger.spooled++
        return undefined
      },
    }
    for (const text of ['a', 'b', 'c', 'd']) push(queue, text, LANE.healthy, 30)
    expect(parked).toEqual(['b'])
    expect(queue.stats).toMatchObject({ queued: 2, spooled: 1, dropped: { queue_full: 1 } })
    expect(queue.room).toEqual({ events: 0, bytes: 15 })
    queue.drop('closed')
    expect(queue.room).toEqual({ events: 2, bytes: 75 })
  })

  it('is never made where nothing waits', () => {
    const queue = queueOf(10, 100)
    const big = { ...push(queue, 'big', LANE.failure, 90), bytes: 120 }
    queue.drop('closed')
    ledger.adopted++
    queue.restore([big])
    queue.take(1, 1000)
    push(queue, 'error', LANE.failure)
    expect(queue.stats).toMatchObject({ queued: 0, inFlight: 1, dropped: { closed: 1, queue_full: 1 } })
  })

  it('is enough for whatever comes, however much it is', () => {
    const lane = fc.constantFrom<Lane[]>(LANE.healthy, LANE.other, LANE.failure)
    const step = fc.record({
      lane,
      bytes: fc.integer({ min: 1, max: 75 }),
      takes: fc.nat(3),
      settles: fc.nat(3),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        ledger = new Ledger()
        const queue = queueOf(6, 100)
        const flying: Entry[] = []
        for (const { lane, bytes, takes, settles } of steps) {
          push(queue, 'x', lane, bytes)
          flying.push(...queue.take(takes, 60))
          for (const entry of flying.splice(0, settles)) queue.settle(entry, 'delivered')
          const flown = flying.reduce((sum, entry) => sum + entry.bytes, 0)
          expect(queue.bytes + flown).toBeLessThanOrEqual(100)
          expect(queue.size + flying.length).toBeLessThanOrEqual(6)
          expectBalance(queue.stats)
        }
      }),
    )
  })
})
