import { beforeEach, describe, expect, it } from 'vitest'
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

const texts = (batch: readonly Entry[]): string => batch.map(({ text }) => text).join(' ')
const everything = (queue: Queue): string => texts(queue.take(1000, 1_000_000))

describe('a batch', () => {
  it('has failures first, then the rest in the order of capture', () => {
    const queue = queueOf(10)
    push(queue, 'page1')
    push(queue, 'custom', LANE.other)
    push(queue, 'page2')
    push(queue, 'error', LANE.failure)
    expect(everything(queue)).toBe('error page1 custom page2')
  })

  it('keeps to its number of events and of bytes, but has at least one', () => {
    const queue = queueOf(10)
    for (const text of ['a', 'b', 'c', 'd']) push(queue, text, LANE.healthy, 40)
    expect(texts(queue.take(1, 1000))).toBe('a')
    expect(texts(queue.take(10, 80))).toBe('b c')
    expect(texts(queue.take(10, 5))).toBe('d')
  })

  it('is no larger than the smallest company one of its events may keep', () => {
    const queue = queueOf(10)
    for (const text of ['a', 'b', 'c', 'd']) push(queue, text)
    const batch = queue.take(4, 1000)
    for (const entry of batch) entry.company = 2
    queue.putBack(batch)
    expect(texts(queue.take(4, 1000))).toBe('a b')
  })

  it('put back leaves again in the order of capture, whatever left and came back meanwhile', () => {
    const queue = queueOf(10)
    for (const text of ['a', 'b', 'c', 'd']) push(queue, text)
    const first = queue.take(2, 1000)
    const second = queue.take(1, 1000)
    push(queue, 'e')
    queue.putBack(first)
    queue.putBack(second)
    expect(everything(queue)).toBe('a b c d e')
  })

  it('of the rarest has events that were sent least often, failures first, but none that was sent too often', () => {
    const queue = queueOf(10)
    for (const text of ['a', 'b']) push(queue, text)
    push(queue, 'error', LANE.failure)
    const taken: string[] = []
    for (let n = 0; n < 7; n++) {
      const one = queue.takeRarest(1, 1000, 2)
      taken.push(texts(one))
      queue.putBack(one)
    }
    expect(taken).toEqual(['error', 'a', 'b', 'error', 'a', 'b', ''])
    expect(everything(queue)).toBe('error a b')
  })

  it('of the rarest keeps to its number of events and of bytes, but has at least one', () => {
    const queue = queueOf(10)
    for (const text of ['a', 'b', 'c', 'd']) push(queue, text, LANE.healthy, 40)
    expect(texts(queue.takeRarest(3, 80, 9))).toBe('a b')
    expect(texts(queue.takeRarest(3, 10, 9))).toBe('c')
    expect(texts(queue.takeRarest(1, 1000, 9))).toBe('d')
    expect(queue.stats).toMatchObject({ queued: 0, inFlight: 4 })
    expect(queue.bytes).toBe(0)
  })

  it('restored from elsewhere comes before what was captured later', () => {
    const queue = queueOf(10)
    for (const text of ['a', 'b', 'c']) push(queue, text)
    const [a, b] = queue.take(2, 1000) as [Entry, Entry]
    for (const entry of [a, b]) queue.settle(entry, 'delivered')
    const foreign = { ...a, text: 'foreign', order: -1 }
    queue.restore([foreign, { ...foreign, text: 'foreign too' }, b])
    expect(everything(queue)).toBe('foreign foreign too b c')
    ledger = new Ledger()
    const other = queueOf(10)
    ledger.adopted += 2
    other.restore([foreign, { ...foreign, text: 'foreign too' }])
    push(other, 'later')
    expect(everything(other)).toBe('foreign foreign too later')
  })

  it('counts a second trip as a retry', () => {
    const queue = queueOf(10)
    push(queue, 'a')
    queue.putBack(queue.take(1, 1000))
    queue.take(1, 1000)
    expect(queue.stats).toMatchObject({ retries: 1, inFlight: 1, queued: 0 })
  })
})

describe('overflow', () => {
  it.each<[string, [string, Lane][], string]>([
    [
      'the oldest healthy event goes first',
      [
        ['h1', 0],
        ['o1', 1],
        ['f1', 2],
        ['h2', 0],
      ],
      'f1 o1 h2',
    ],
    [
      'then the oldest custom one',
      [
        ['o1', 1],
        ['f1', 2],
        ['o2', 1],
        ['f2', 2],
      ],
      'f1 f2 o2',
    ],
    [
      'then the oldest failure',
      [
        ['f1', 2],
        ['f2', 2],
        ['f3', 2],
        ['f4', 2],
      ],
      'f2 f3 f4',
    ],
    [
      'a healthy event that meets only failures is not let in',
      [
        ['f1', 2],
        ['f2', 2],
        ['f3', 2],
        ['h', 0],
      ],
      'f1 f2 f3',
    ],
  ])('%s', (_name, pushed, left) => {
    const queue = queueOf(3)
    for (const [text, lane] of pushed) push(queue, text, lane)
    expect(everything(queue)).toBe(left)
    expect(queue.stats.dropped).toEqual({ queue_full: 1 })
  })

  it('keeps a quarter of the bytes for failures', () => {
    const queue = queueOf(100, 100)
    for (let i = 0; i < 20; i++) push(queue, `h${i}`, LANE.healthy, 10)
    expect(queue.size).toBe(7)
    push(queue, 'f1', LANE.failure, 10)
    push(queue, 'f2', LANE.failure, 10)
    expect(everything(queue)).toBe('f1 f2 h13 h14 h15 h16 h17 h18 h19')
  })

  it('counts what is in flight', () => {
    const queue = queueOf(2)
    push(queue, 'a')
    push(queue, 'b')
    queue.take(2, 1000)
    push(queue, 'c')
    expect(queue.stats).toMatchObject({ queued: 0, inFlight: 2, dropped: { queue_full: 1 } })
  })

  it('holds no more bytes than allowed, however large an event is', () => {
    const queue = queueOf(100, 50)
    push(queue, 'huge', LANE.failure, 60)
    expect(queue.size).toBe(0)
    expect(queue.bytes).toBe(0)
  })
})

it('stays in order over many more events than it ever holds', () => {
  const queue = queueOf(5000)
  const left: string[] = []
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 300; i++) queue.push(String(round * 300 + i), 10, LANE.healthy)
    for (const entry of queue.take(250, 1_000_000)) {
      left.push(entry.text)
      queue.settle(entry, 'delivered')
    }
  }
  expect(left).toEqual(Array.from({ length: 30 * 250 }, (_, n) => String(n)))
  expect(queue.size).toBe(30 * 50)
})
