import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Entry } from '../../src/queue/entry.js'
import { Ledger } from '../../src/queue/ledger.js'
import { LANE, type Lane, Queue } from '../../src/queue/queue.js'
import { expectBalance } from '../balance.js'

let ledger: Ledger
let settled: string[]

beforeEach(() => {
  ledger = new Ledger()
  settled = []
})

function queueOf(maxQueueSize: number, maxQueueBytes = 1_000_000): Queue {
  return new Queue({ maxQueueSize, maxQueueBytes }, ledger, ({ text }, delivered) => {
    settled.push(`${text} ${delivered ? 'delivered' : 'lost'}`)
  })
}

function push(queue: Queue, text: string, lane: Lane = LANE.healthy, bytes = 10): Entry {
  ledger.captured++
  const entry = queue.push(text, bytes, lane)
  expectBalance(queue.stats)
  return entry
}

describe('the ledger', () => {
  it('balances through every end an event can have', () => {
    const queue = queueOf(10)
    for (const text of ['a', 'b', 'c', 'd']) push(queue, text)
    const [a, b] = queue.take(2, 1000) as [Entry, Entry]
    queue.settle(a, 'delivered')
    expectBalance(queue.stats)
    queue.settle(b, 'rejected')
    expectBalance(queue.stats)
    queue.drop('expired', ({ text }) => text === 'c')
    expectBalance(queue.stats)
    queue.drop('closed')
    expectBalance(queue.stats)
    expect(queue.stats).toMatchObject({ delivered: 1, dropped: { rejected: 1, expired: 1, closed: 1 } })
    expect(settled).toEqual(['a delivered', 'b lost', 'c lost', 'd lost'])
    expect(queue.bytes).toBe(0)
  })

  it('owes a report for losses, not for what was left out on purpose', () => {
    ledger.drop('sampled', 5)
    ledger.drop('before_send')
    ledger.drop('repeated', 3)
    expect(ledger.takeLosses()).toBeUndefined()
    ledger.drop('queue_full', 2)
    ledger.drop('rejected')
    expect(ledger.takeLosses()?.dropped).toEqual({ queue_full: 2, rejected: 1 })
    expect(ledger.takeLosses()).toBeUndefined()
  })

  it('tells onDrop of every loss, and survives it', () => {
    const told: unknown[] = []
    ledger = new Ledger(loss => {
      told.push(loss)
      throw new Error('broken')
    })
    ledger.drop('expired', 2)
    expect(told).toEqual([{ reason: 'expired', count: 2 }])
    expect(ledger.dropped).toEqual({ expired: 2 })
  })

  it('takes no loss of nothing for one', () => {
    const told: unknown[] = []
    ledger = new Ledger(loss => void told.push(loss))
    ledger.drop('expired', 0)
    ledger.owe('repeated', 0)
    expect(told).toEqual([])
    expect(ledger.owes).toBe(false)
    expect(ledger.dropped).toEqual({})
  })

  it('counts what is on its way to disk as waiting', () => {
    ledger.leaving = 3
    expect(ledger.stats(2, 1)).toMatchObject({ queued: 5, inFlight: 1 })
  })

  it('tells since when and until when events were lost', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1000 })
    ledger.drop('expired')
    vi.setSystemTime(2000)
    ledger.drop('queue_full')
    vi.setSystemTime(3000)
    expect(ledger.takeLosses()).toEqual({ dropped: { expired: 1, queue_full: 1 }, since: 1000, until: 2000 })
    vi.useRealTimers()
  })
})
