import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AnalyticsOptions } from '../../src/options.js'
import type { Entry } from '../../src/queue/entry.js'
import type { DropReason } from '../../src/queue/ledger.js'
import type { Spool, SpoolParts } from '../../src/transport/spool/spool.js'
import { World } from './world.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Says what it was asked for, and does what a test says. */
class ScriptedSpool implements Spool {
  readonly calls: string[] = []
  isReady = true
  /** Takes what has no place in the queue. */
  takes = false
  readonly parked: Entry[] = []
  /** What `saved` waits for. */
  disk: Promise<void> = Promise.resolve()
  readonly parts: SpoolParts

  constructor(parts: SpoolParts) {
    this.parts = parts
  }

  keep({ text }: Entry): void {
    this.calls.push(`keep ${text}`)
  }
  park(entry: Entry, reason: DropReason): DropReason | undefined {
    this.calls.push(`park ${entry.text} ${reason}`)
    if (!this.takes) return reason
    this.parked.push(entry)
    this.parts.ledger.spooled++
    return undefined
  }
  settled({ text }: Entry): void {
    this.calls.push(`settled ${text}`)
  }
  async bringBack(): Promise<void> {
    this.calls.push('bringBack')
  }
  bringBackSoon(): void {
    this.calls.push('bringBackSoon')
  }
  saved(): Promise<void> {
    this.calls.push('saved')
    return this.disk
  }
  rest(): void {
    this.calls.push('rest')
  }
  async close(): Promise<void> {
    this.calls.push('close')
  }
  closeNow(): void {
    this.calls.push('closeNow')
  }

  /** What it was asked for since the last look. */
  get news(): string[] {
    return this.calls.splice(0)
  }

  /** Everything that is parked comes back into the queue. */
  giveBack(): void {
    const entries = this.parked.splice(0)
    this.parts.ledger.spooled -= entries.length
    this.parts.queue.restore(entries)
    this.parts.onReturn()
  }
}

let spool: ScriptedSpool

function worldOf(options: AnalyticsOptions = {}, isReady = true): World {
  return new World(options, parts => {
    spool = new ScriptedSpool(parts)
    spool.isReady = isReady
    return spool
  })
}

/** The answer so far. */
function answerOf(promise: Promise<boolean>): { value: boolean | undefined } {
  const answer: { value: boolean | undefined } = { value: undefined }
  void promise.then(value => {
    answer.value = value
  })
  return answer
}

describe('a spool beside the queue', () => {
  it('is told of what comes in and of what has ended', async () => {
    const world = worldOf()
    world.push('a')
    expect(spool.news).toEqual(['keep a'])
    expect(await world.flush()).toBe(true)
    expect(spool.news).toEqual(['bringBack', 'settled a', 'saved'])
  })

  it('is asked for more when something was delivered and something is parked', async () => {
    const world = worldOf({ maxQueueSize: 1 })
    world.push('early')
    await world.flush()
    world.push('a')
    spool.takes = true
    world.push('b')
    expect(spool.news).toContain('park a queue_full')
    world.reply = () => 400
    void world.delivery.flush(1000)
    await world.pass(0)
    expect(world.delivery.stats).toMatchObject({ spooled: 1, dropped: { rejected: 1 } })
    expect(spool.news).not.toContain('bringBackSoon')
    world.reply = () => 202
    world.push('c')
    void world.delivery.flush(1000)
    await world.pass(0)
    expect(spool.news).toContain('bringBackSoon')
    spool.giveBack()
    await world.pass(10_000)
    expect(world.delivery.stats).toMatchObject({ delivered: 3, spooled: 0 })
  })

  it('knows whether the endpoint is sick', async () => {
    const world = worldOf()
    expect(spool.parts.isSick()).toBe(false)
    world.reply = () => 503
    world.push('a')
    await world.flush(10)
    expect(spool.parts.isSick()).toBe(true)
  })

  it('has what it gives back sent', async () => {
    const world = worldOf({ maxQueueSize: 1 })
    spool.takes = true
    world.push('a')
    world.push('b')
    await world.flush(100)
    spool.giveBack()
    await world.pass(500)
    expect(world.log).toEqual(['b', 'a'])
  })
})

describe('flush()', () => {
  it('waits for what is parked, and for the disk to tell that all has ended', async () => {
    const world = worldOf({ maxQueueSize: 1 })
    spool.takes = true
    let saved = (): void => {}
    spool.disk = new Promise(resolve => {
      saved = resolve
    })
    world.pushMany(2)
    const answer = answerOf(world.delivery.flush(5000))
    await world.pass(0)
    expect(spool.news).not.toContain('saved')
    spool.giveBack()
    await world.pass(500)
    expect(spool.news).toContain('saved')
    expect([world.delivery.stats.delivered, answer.value]).toEqual([2, undefined])
    saved()
    await world.pass(0)
    expect(answer.value).toBe(true)
  })

  it('waits for the spool to be ready, and for what that takes over', async () => {
    const world = worldOf({}, false)
    const answer = answerOf(world.delivery.flush(5000))
    spool.parts.ledger.adopted++
    spool.parts.ledger.spooled++
    spool.parts.onAdopt(1)
    spool.isReady = true
    spool.parts.onReady()
    await world.pass(0)
    expect(answer.value).toBeUndefined()
    spool.parked.push({ ...emptyEntry, order: -1 })
    spool.giveBack()
    await world.pass(0)
    expect(answer.value).toBe(true)
  })

  it('is true when the spool is ready and there was nothing', async () => {
    const world = worldOf({}, false)
    const answer = answerOf(world.delivery.flush(5000))
    await world.pass(0)
    expect(answer.value).toBeUndefined()
    spool.parts.onReady()
    await world.pass(0)
    expect(answer.value).toBe(true)
    spool.isReady = true
    expect(await world.delivery.flush(5000)).toBe(true)
  })

  it('waits for what is on its way to disk', async () => {
    const world = worldOf()
    spool.parts.ledger.leaving++
    expect(world.delivery.pending).toBe(1)
    const answer = answerOf(world.delivery.flush(5000))
    await vi.advanceTimersByTimeAsync(4999)
    expect(answer.value).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(answer.value).toBe(false)
  })

  it('is false at once where the spool loses something', async () => {
    const world = worldOf()
    world.reply = () => 'wait'
    world.push('a')
    const answer = answerOf(world.delivery.flush(5000))
    spool.parts.onLoss()
    await world.pass(0)
    expect(answer.value).toBe(false)
  })
})

describe('the end', () => {
  it('close() brings back what it can, then closes the spool', async () => {
    const world = worldOf()
    world.push('a')
    spool.takes = true
    world.reply = () => 'wait'
    const closed = world.delivery.close(1000)
    await world.pass(0)
    expect(spool.news).toContain('bringBack')
    await world.pass(1000)
    expect(await closed).toBe(false)
    expect(spool.calls.at(-1)).toBe('close')
    expect(spool.calls).toContain('park a closed')
    expect(world.delivery.stats).toMatchObject({ spooled: 1, dropped: {} })
    expect(await world.delivery.flush(1000)).toBe(false)
  })

  it('of its own leaves the spool at rest', async () => {
    const world = worldOf()
    world.push('a')
    const left = world.delivery.leave(2000)
    await world.pass(2000)
    await left
    expect(spool.news).toEqual(['keep a', 'bringBack', 'settled a', 'saved', 'rest'])
  })

  it('of its own asks the spool for nothing where nothing is in memory', async () => {
    const world = worldOf()
    await world.delivery.leave(2000)
    expect(spool.news).toEqual(['rest'])
  })

  it('at once leaves to the spool what is under way, too', async () => {
    const world = worldOf()
    spool.takes = true
    world.reply = () => 'wait'
    world.push('flying')
    void world.delivery.flush(1000)
    world.push('waiting')
    world.delivery.abandon()
    expect(spool.parked.map(({ text }) => text)).toEqual(['flying', 'waiting'])
    expect(spool.calls.at(-1)).toBe('closeNow')
    expect(world.delivery.stats).toMatchObject({ queued: 0, inFlight: 0, spooled: 2 })
  })
})

const emptyEntry = {
  text: 'adopted',
  bytes: 7,
  lane: 0,
  at: 0,
  attempts: 0,
  company: Number.POSITIVE_INFINITY,
  isFlying: false,
} as const
