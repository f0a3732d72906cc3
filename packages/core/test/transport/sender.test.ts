import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LANE } from '../../src/queue/queue.js'
import { World } from './world.js'

const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const KIB = 1024

describe('a batch leaves', () => {
  it('when flushAt events are waiting', async () => {
    const world = new World({ flushAt: 3 })
    world.pushMany(2)
    expect(world.sent).toHaveLength(0)
    world.push('last')
    expect(world.log).toEqual(['e0 e1 last'])
  })

  it('when 128 KiB are waiting', async () => {
    const world = new World()
    world.push('x'.repeat(128 * KIB - 1))
    expect(world.sent).toHaveLength(0)
    world.push('y')
    expect(world.sent).toHaveLength(1)
  })

  it('a while after the one before, 2.5 ms an event, unless it is full or somebody waits', async () => {
    const world = new World({ maxQueueBytes: 64 * KIB * KIB })
    world.pushMany(100)
    await world.pass(0)
    world.pushMany(150)
    expect(world.sent).toHaveLength(1)
    await world.pass(248)
    expect(world.sent).toHaveLength(1)
    await world.pass(2)
    expect(world.sizes).toEqual([100, 150])
    world.pushMany(499)
    expect(world.sizes).toEqual([100, 150, 499])
    await world.pass(0)
    for (let n = 0; n < 9; n++) world.push('x'.repeat(56 * KIB))
    expect(world.sizes).toEqual([100, 150, 499, 9])
    await world.pass(0)
    world.push('asked for')
    expect(await world.flush()).toBe(true)
    expect(world.sent).toHaveLength(5)
    await world.pass(250)
    world.pushMany(100)
    expect(world.sent).toHaveLength(6)
  })

  it('not because of another one that came back', async () => {
    const world = new World()
    const replies = [503, 'wait'] as const
    world.reply = () => replies[world.sent.length - 1] ?? 202
    world.push('a')
    void world.delivery.flush(5000)
    await world.pass(500)
    world.push('b')
    await world.answer(202)
    expect(world.log).toEqual(['a', 'a'])
    await world.pass(2000)
    expect(world.log).toEqual(['a', 'a', 'b'])
  })

  it('however old its events are, where nothing failed', async () => {
    const world = new World({ flushInterval: 20 * MINUTE })
    world.push('old')
    await world.pass(20 * MINUTE)
    expect(world.delivery.stats).toMatchObject({ delivered: 1, dropped: {} })
  })

  it('by a timer that keeps no process', () => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    new World().push('a')
    const [made] = set.mock.results.map(({ value }) => value as NodeJS.Timeout)
    expect(made?.hasRef()).toBe(false)
    // Off Node a timer is a number.
    set.mockReturnValueOnce(7 as never)
    expect(() => new World().push('a')).not.toThrow()
  })

  it('two seconds after its first event', async () => {
    const world = new World()
    world.push('a')
    await world.pass(1900)
    world.push('b')
    expect(world.sent).toHaveLength(0)
    await world.pass(100)
    expect(world.log).toEqual(['a b'])
    expect(world.sent[0]?.at).toBe(2000)
    world.push('c')
    await world.pass(2000)
    expect(world.sent[1]?.at).toBe(4000)
  })

  it('200 ms after a failure in it, whatever was waiting', async () => {
    const world = new World()
    world.push('page')
    await world.pass(100)
    world.push('error', LANE.failure)
    await world.pass(199)
    expect(world.sent).toHaveLength(0)
    await world.pass(1)
    expect(world.log).toEqual(['error page'])
    await world.pass(10_000)
    expect(world.sent).toHaveLength(1)
  })

  it('no later for a failure than for others', async () => {
    const world = new World({ flushInterval: 50 })
    world.push('error', LANE.failure)
    await world.pass(50)
    expect(world.sent).toHaveLength(1)
  })

  it('with 499 events and 504 KiB at most', async () => {
    const world = new World({ flushAt: 500, maxQueueBytes: 64 * KIB * KIB })
    world.reply = () => 'wait'
    world.pushMany(2, 'early')
    void world.delivery.flush(MINUTE)
    for (let n = 0; n < 20; n++) world.push('x'.repeat(60 * KIB))
    world.pushMany(1000)
    for (let n = 0; n < 10; n++) await world.answer(202)
    expect(world.delivery.stats.delivered).toBe(1022)
    expect(Math.max(...world.sizes)).toBe(499)
    const bytes = world.sent.map(({ texts }) => texts.join().length)
    expect(Math.max(...bytes)).toBeLessThanOrEqual(504 * KIB + 500)
    expect(Math.max(...bytes)).toBeGreaterThan(440 * KIB)
  })

  it.each([
    ['events', 1200, 'e'],
    ['bytes', 20, 'x'.repeat(60 * KIB)],
  ])('beside another one where an endpoint that is well has a backlog of %s', async (_of, count, text) => {
    const world = new World({ flushAt: 500, maxQueueBytes: 64 * KIB * KIB })
    world.reply = () => 'wait'
    world.push('early')
    void world.delivery.flush(MINUTE)
    for (let n = 0; n < count; n++) world.push(text)
    expect(world.open).toBe(1)
    await world.answer(202)
    expect(world.open).toBe(2)
    world.pushMany(600)
    expect(world.open).toBe(2)
    await world.answer(503)
    expect(world.open).toBe(1)
    await world.pass(5000)
    // The other one is still under way.
    expect(world.open).toBe(1)
  })

  it('alone where there is no backlog', async () => {
    const world = new World({ flushAt: 1 })
    world.push('early')
    await world.pass(0)
    world.reply = () => 'wait'
    world.pushMany(498)
    await world.pass(100)
    expect(world.open).toBe(1)
  })

  it('with more than flushAt events where they come faster than one in 2.5 ms', async () => {
    const world = new World({ flushAt: 4 })
    world.pushMany(4)
    await world.pass(3)
    for (const text of ['a', 'b', 'c', 'd', 'e']) world.push(text)
    await world.pass(6)
    expect(world.log).toEqual(['e0 e1 e2 e3'])
    await world.pass(1)
    expect(world.log).toEqual(['e0 e1 e2 e3', 'a b c d e'])
    expect(world.sent[1]?.at).toBe(10)
  })

  it('at once where it is full, or somebody waits for it', async () => {
    const world = new World({ flushAt: 3 })
    world.pushMany(3)
    await world.pass(1)
    world.pushMany(500)
    expect(world.sent).toHaveLength(2)
    await world.pass(1)
    world.push('late')
    void world.delivery.flush(MINUTE)
    await world.pass(0)
    expect(world.log.at(-1)).toContain('late')
  })
})

describe('an event larger than its share of the queue', () => {
  it.each([
    ['healthy', LANE.healthy, 750],
    ['other', LANE.other, 750],
    ['failure', LANE.failure, 1000],
  ] as const)('costs itself alone (%s)', async (_name, lane, largest) => {
    const world = new World({ maxQueueBytes: 1000 })
    world.push('small')
    world.push('x'.repeat(largest + 1), lane)
    expect(world.delivery.stats).toMatchObject({ queued: 1, dropped: { too_large: 1 } })
    await world.flush()
    world.push('é'.repeat(largest / 2), lane)
    expect(world.delivery.stats.queued).toBe(1)
  })
})

it('an error of ours in an attempt is told and ends neither the sender nor the process', async () => {
  const world = new World()
  world.reply = () => {
    throw new Error('ours')
  }
  world.push('e')
  expect(await world.flush()).toBe(false)
  expect(world.lines).toEqual(['internal error: Error: ours'])
  expect(world.delivery.stats).toMatchObject({ inFlight: 0, dropped: { internal: 1 } })
  world.reply = () => 202
  world.push('other')
  expect(await world.flush()).toBe(true)
})
