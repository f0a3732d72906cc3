import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { acquainted, inTurn, isArray, World } from './world.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('a report of losses', () => {
  /** A world that has lost two events. */
  async function lossy(): Promise<World> {
    const world = await acquainted({ maxQueueSize: 3 })
    world.pushMany(5)
    return world
  }

  it('travels with the next batch, once', async () => {
    const world = await lossy()
    await world.flush()
    world.push('later')
    await world.flush()
    expect(world.log).toEqual(['e2 e3 e4 report 1 {"queue_full":2}', 'later'])
  })

  it('stays the same until a batch got through', async () => {
    const world = await lossy()
    world.reply = inTurn(503, 202)
    await world.flush()
    expect(world.log).toEqual(Array(2).fill('e2 e3 e4 report 1 {"queue_full":2}'))
  })

  it.each([400, 413, 422])(
    'that is refused (%i) with a batch costs no event, and is told alone',
    async status => {
      const world = await lossy()
      world.reply = ({ texts }) => (texts.length > 1 && texts.at(-1)?.startsWith('report') ? status : 202)
      expect(await world.flush()).toBe(true)
      expect(world.log.slice(1)).toEqual(['e2 e3 e4', 'report 1 {"queue_full":2}'])
      expect(world.delivery.ledger.owes).toBe(false)
    },
  )

  it.each([400, 413, 422])(
    'that is refused (%i) alone too is given up, and the next one is tried anew',
    async status => {
      const world = await lossy()
      world.reply = ({ texts }) => (texts.at(-1)?.startsWith('report') ? status : 202)
      await world.flush()
      world.push('later')
      await world.flush()
      expect(world.log.slice(3)).toEqual(['later'])
      world.delivery.ledger.drop('rejected')
      world.delivery.ledger.captured++
      world.push('last')
      await world.flush()
      expect(world.log.at(4)).toBe('last report 2 {"rejected":1}')
    },
  )

  it('goes alone to an endpoint that takes single objects', async () => {
    const world = new World({ maxQueueSize: 2 })
    world.reply = sent => (isArray(sent) ? 400 : 202)
    world.pushMany(2)
    await world.flush()
    world.pushMany(3)
    await world.flush()
    expect(world.log.slice(-3)).toEqual(['e1', 'report 1 {"queue_full":1}', 'e2'])
    expect(world.sent.filter(isArray)).toHaveLength(1)
    expect(world.sent.every(({ compress }) => compress)).toBe(true)
  })

  it('is in one request at a time', async () => {
    const world = await acquainted({ maxQueueSize: 2000 })
    world.delivery.ledger.captured++
    world.delivery.ledger.drop('internal')
    world.reply = () => 'wait'
    world.pushMany(1202)
    await world.pass(2000)
    expect(world.sizes).toEqual([500, 499])
  })
})
