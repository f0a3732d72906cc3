import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { World } from './world.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('flush()', () => {
  it('is true when what was captured before it is acknowledged, whatever comes after', async () => {
    const world = new World({ maxQueueSize: 3 })
    world.reply = () => 'wait'
    world.pushMany(2)
    const flushed = world.delivery.flush(1000)
    world.pushMany(2, 'late')
    await world.answer(202)
    expect(await flushed).toBe(true)
    expect(world.delivery.stats).toMatchObject({ delivered: 2, queued: 1, dropped: { queue_full: 1 } })
  })

  it('is false when one of them is lost, and not before the others are done with', async () => {
    const world = new World({ maxQueueSize: 3 })
    world.reply = () => 'wait'
    world.push('first')
    let isOver = false
    const flushed = world.delivery.flush(1000).finally(() => {
      isOver = true
    })
    world.push('second')
    const both = world.delivery.flush(1000)
    world.pushMany(2)
    await world.answer(202)
    expect(await flushed).toBe(true)
    expect(isOver).toBe(true)
    await world.answer(202)
    expect(await both).toBe(false)
  })

  it('is false when its time is over', async () => {
    const world = new World()
    world.reply = () => 'wait'
    world.push('e')
    const flushed = world.delivery.flush(1000)
    let isOver = false
    void flushed.then(() => {
      isOver = true
    })
    await world.pass(999)
    expect(isOver).toBe(false)
    await world.pass(1)
    expect(await flushed).toBe(false)
    expect(world.delivery.stats.inFlight).toBe(1)
  })

  it('is false at once where no attempt will be made in time', async () => {
    const world = new World()
    world.reply = () => ({ status: 503, retryAfter: '60' })
    world.push('e')
    expect(await world.delivery.flush(59_000)).toBe(false)
    expect(await world.delivery.flush(59_000)).toBe(false)
    expect(performance.now()).toBeLessThan(performance.timeOrigin + 59_000)
    world.reply = () => 202
    const long = world.delivery.flush(61_000)
    await world.pass(60_000)
    expect(await long).toBe(true)
  })

  it('keeps the process for no longer than it takes', async () => {
    const world = new World()
    world.push('e')
    expect(await world.flush()).toBe(true)
    expect(vi.getTimerCount()).toBe(1)
    await world.pass(2000)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('close()', () => {
  it('makes one attempt even where the endpoint is being spared', async () => {
    const world = new World()
    world.reply = () => 503
    world.push('e')
    await world.flush(10)
    world.reply = () => 202
    const closed = world.delivery.close(1000)
    await world.pass(0)
    expect(await closed).toBe(true)
    expect(world.sent).toHaveLength(2)
    expect(world.closed).toBe(1)
  })

  it('drops what is left, and what comes later', async () => {
    const world = new World()
    world.reply = () => 'wait'
    world.pushMany(600)
    const closed = world.delivery.close(1000)
    await world.pass(1000)
    expect(await closed).toBe(false)
    world.push('late')
    expect(world.delivery.stats).toMatchObject({ queued: 0, inFlight: 0, dropped: { closed: 601 } })
    expect(vi.getTimerCount()).toBe(0)
    expect(await world.delivery.close(1000)).toBe(false)
    expect(await world.delivery.flush(1000)).toBe(true)
  })

  it('tells losses in the end, if there is time', async () => {
    const world = new World()
    world.push('e')
    await world.flush()
    world.delivery.ledger.captured += 2
    world.delivery.ledger.drop('internal', 2)
    expect(await world.delivery.close(1000)).toBe(true)
    expect(world.log).toEqual(['e', 'report 1 {"internal":2}'])
  })

  it('waits for the report of losses as long as it has time', async () => {
    const world = new World()
    world.push('e')
    await world.flush()
    world.delivery.ledger.captured++
    world.delivery.ledger.drop('internal')
    world.reply = () => 'wait'
    const closed = world.delivery.close(1000)
    await world.pass(900)
    expect(world.closed).toBe(0)
    await world.answer(202)
    expect(await closed).toBe(true)
  })

  it('waits for the report of losses no longer than its time', async () => {
    const world = new World()
    world.push('e')
    await world.flush()
    await world.pass(5000)
    world.delivery.ledger.captured++
    world.delivery.ledger.drop('internal')
    world.reply = () => 'wait'
    const closed = world.delivery.close(1000)
    await world.pass(1000)
    expect(await closed).toBe(true)
    expect(world.open).toBe(0)
  })

  it('tells no losses to an endpoint that never took anything', async () => {
    const world = new World({ maxQueueSize: 1 })
    world.reply = () => 404
    world.pushMany(2)
    await world.delivery.close(0)
    expect(world.sent.length).toBeLessThanOrEqual(1)
  })
})

describe('a process that ends', () => {
  it('by itself has one more try, drops the rest and lives on if something else keeps it', async () => {
    const world = new World()
    world.reply = () => 'wait'
    world.pushMany(3)
    const left = world.delivery.leave(2000)
    await world.pass(2001)
    await left
    expect(world.delivery.stats).toMatchObject({ queued: 0, inFlight: 0, dropped: { exit: 3 } })
    world.reply = () => 202
    world.push('later')
    expect(await world.flush()).toBe(true)
  })

  it('sends what is captured while it ends', async () => {
    const world = new World()
    world.reply = () => 'wait'
    world.push('first')
    const left = world.delivery.leave(2000)
    world.push('second')
    await world.answer(202)
    await world.answer(202)
    await left
    expect(world.delivery.stats).toMatchObject({ delivered: 2, dropped: {} })
  })

  it('with nothing to send does nothing', async () => {
    const world = new World()
    await world.delivery.leave(2000)
    expect(world.sent).toHaveLength(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('after close() leaves it at that', async () => {
    const world = new World()
    world.reply = () => 'wait'
    world.push('e')
    const closed = world.delivery.close(1000)
    await world.delivery.leave(2000)
    expect(world.delivery.stats.inFlight).toBe(1)
    await world.answer(202)
    expect(await closed).toBe(true)
  })

  it('at once loses what was not acknowledged', async () => {
    const world = new World()
    world.push('sent')
    await world.flush()
    world.reply = () => 'wait'
    world.pushMany(3)
    void world.delivery.flush(1000)
    world.pushMany(2)
    world.delivery.abandon()
    expect(world.delivery.stats).toMatchObject({ delivered: 1, queued: 0, dropped: { exit: 2 } })
  })

  it('at once posts what there is, in batches, while it waits', async () => {
    const world = new World({ flushAt: 500 })
    world.reply = () => 'wait'
    world.pushMany(3, 'flying')
    void world.delivery.flush(1000)
    world.pushMany(600)
    const posted: (readonly string[])[] = []
    world.delivery.abandon(batches => {
      posted.push(...batches)
      return 1
    })
    expect(posted.map(batch => batch.length)).toEqual([499, 104])
    expect(posted[0]?.slice(0, 4)).toEqual(['flying0', 'flying1', 'flying2', 'e0'])
    expect(world.delivery.stats).toMatchObject({
      delivered: 499,
      queued: 0,
      inFlight: 0,
      dropped: { exit: 104 },
    })
  })

  it('at once posts nothing where there is nothing', () => {
    const world = new World()
    world.delivery.abandon(() => {
      throw new Error('called')
    })
    expect(world.delivery.stats.dropped).toEqual({})
  })
})
