import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LANE } from '../../src/queue/queue.js'
import { acquainted, has, inTurn, isArray, range, stats, World } from './world.js'

const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('413', () => {
  it('halves, remembers, and grows back after twenty batches', async () => {
    const world = new World({ flushAt: 500 })
    world.reply = ({ texts }) => (texts.length > 60 ? 413 : 202)
    world.pushMany(200)
    expect(await world.flush()).toBe(true)
    expect(world.sizes).toEqual([200, 100, 50, 50, 50, 50])
    for (let n = 0; n < 16; n++) {
      world.push('x')
      await world.flush()
    }
    world.sent.length = 0
    world.pushMany(150)
    await world.flush()
    expect(world.sizes.slice(0, 2)).toEqual([100, 50])
  })

  it('shrinks a single event, then drops it', async () => {
    const world = new World()
    const event = { site_id: 's', event: 'x', properties: { a: 'x'.repeat(9000), b: 'y'.repeat(9000) } }
    world.reply = ({ texts }) => (texts.join('').length > 10_000 ? 413 : 202)
    world.push(JSON.stringify(event))
    expect(await world.flush()).toBe(true)
    expect(world.sent).toHaveLength(2)
    world.reply = ({ texts }) => (texts[0]?.startsWith('report') ? 202 : 413)
    world.push(JSON.stringify(event))
    world.push('e')
    expect(await world.flush()).toBe(false)
    expect(world.delivery.stats).toMatchObject({ queued: 0, inFlight: 0, dropped: { too_large: 2 } })
  })
})

describe('415', () => {
  it('to a compressed body: uncompressed once more, and from then on', async () => {
    const world = new World()
    world.reply = ({ compress }) => (compress ? 415 : 202)
    world.pushMany(3)
    expect(await world.flush()).toBe(true)
    world.pushMany(3)
    expect(await world.flush()).toBe(true)
    expect(world.sent.map(({ compress }) => compress)).toEqual([true, false, false])
  })

  it('to two compressed bodies at once: the same', async () => {
    const world = await acquainted()
    world.reply = () => 'wait'
    world.pushMany(1200)
    await world.pass(2000)
    expect(world.sent.map(({ compress }) => compress)).toEqual([true, true])
    world.reply = ({ compress }) => (compress ? 415 : 202)
    await world.answer(415)
    await world.answer(415)
    await world.flush()
    expect(stats(world)).toMatchObject({ delivered: 1202, queued: 0, dropped: {} })
    expect(world.lines).toEqual([])
  })

  it('to the arrays of a stranger, compressed or not: single objects from then on', async () => {
    const world = new World({ compress: false })
    world.reply = sent => (isArray(sent) ? 415 : 202)
    world.pushMany(3)
    expect(await world.flush()).toBe(true)
    expect(world.sizes).toEqual([3, 1, 1, 1])
    expect(world.lines).toEqual([])
  })

  it('to all the same: misconfigured', async () => {
    const world = await acquainted()
    world.reply = () => 415
    world.pushMany(3)
    expect(await world.flush()).toBe(false)
    expect(world.sent).toHaveLength(2)
    expect(world.lines).toEqual([expect.stringMatching(/answered 415, which/)])
    expect(stats(world)).toMatchObject({ queued: 3, dropped: {} })
  })
})

describe.each([400, 422])('%i', status => {
  it('splits a batch until the bad event is alone, and drops that one, in steps of half', async () => {
    const world = await acquainted()
    world.reply = sent => (has('e37')(sent) ? status : 202)
    world.pushMany(100)
    expect(await world.flush()).toBe(false)
    expect(stats(world)).toMatchObject({ delivered: 101, queued: 0, dropped: { rejected: 1 } })
    expect(world.sent.filter(has('e37')).length).toBeLessThanOrEqual(8)
    expect(world.lines).toEqual([`https://e.test/v1 rejected an event: answered ${status}`])
    world.pushMany(3)
    await world.flush()
    expect(world.sizes.at(-1)).toBe(3)
  })

  it.each([
    [['e0']],
    [['e0', 'e1', 'e2']],
    [['e7', 'e40', 'e41', 'e99']],
    [Array.from({ length: 25 }, (_, n) => `e${n}`)],
    [Array.from({ length: 50 }, (_, n) => `e${n * 2}`)],
  ])('drops the bad ones alone of a hundred: %j', async bad => {
    const world = await acquainted()
    world.reply = sent => (has(...bad)(sent) ? status : 202)
    world.pushMany(100)
    await world.flush(20_000)
    expect(stats(world)).toMatchObject({ delivered: 102 - bad.length, dropped: { rejected: bad.length } })
  })

  it('is told from single objects by a stranger that takes no arrays', async () => {
    const world = new World()
    world.reply = sent => (isArray(sent) ? status : 202)
    world.pushMany(4)
    expect(await world.flush()).toBe(true)
    expect(world.sizes).toEqual([4, 1, 1, 1, 1])
    world.pushMany(3)
    expect(await world.flush()).toBe(true)
    expect(world.sizes.slice(5)).toEqual([1, 1, 1])
  })

  it.each(Object.entries(LANE))(
    'of a stranger for a bad event among %s ones costs that one alone',
    async (_, lane) => {
      const world = new World()
      world.reply = sent => (has('bad')(sent) ? status : 202)
      world.push('bad', lane)
      world.pushMany(5)
      world.pushMany(5, 'other', LANE.other)
      await world.flush()
      expect(stats(world)).toMatchObject({ delivered: 10, queued: 0, dropped: { rejected: 1 } })
    },
  )

  it('of a stranger for the event that is tried alone says nothing against arrays', async () => {
    const world = new World()
    world.reply = sent => (has('bad')(sent) ? status : 202)
    world.push('bad')
    world.pushMany(5)
    await world.flush()
    expect(world.sizes).toEqual([6, 1, 1, 1, 1, 1, 3])
  })

  it('of a stranger that fails then is asked about with one event still', async () => {
    const world = new World()
    world.reply = inTurn(status, 503, 503, 202)
    world.pushMany(4)
    expect(await world.flush()).toBe(true)
    expect(world.sizes.slice(0, 4)).toEqual([4, 1, 1, 1])
  })

  it('of a stranger three times over: misconfigured, nothing lost', async () => {
    const world = new World()
    world.reply = () => status
    world.pushMany(5)
    expect(await world.flush()).toBe(false)
    expect(world.log).toEqual([range(0, 5), 'e0', 'e1'])
    expect(world.lines).toEqual([expect.stringMatching(`answered ${status} to everything, which`)])
    expect(stats(world)).toMatchObject({ queued: 5, dropped: {} })
    await world.pass(2 * MINUTE)
    expect(world.sent).toHaveLength(4)
    world.reply = () => 202
    await world.pass(4 * MINUTE)
    expect(stats(world)).toMatchObject({ delivered: 5, queued: 0 })
  })

  it('of an acquaintance to ten different events in a row: misconfigured, the others kept', async () => {
    const world = await acquainted()
    world.reply = () => status
    world.pushMany(64)
    expect(await world.flush()).toBe(false)
    expect(stats(world)).toMatchObject({ queued: 54, dropped: { rejected: 10 } })
    expect(world.lines.at(-1)).toMatch(/to everything/)
  })
})
