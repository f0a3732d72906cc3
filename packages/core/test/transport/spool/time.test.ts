import { statSync, utimesSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AnalyticsOptions } from '../../../src/options.js'
import type { Stats } from '../../../src/queue/ledger.js'
import { expectBalance } from '../../balance.js'
import { SpoolFolder } from './folder.js'
import { come, disk, SpooledDelivery } from './harness.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let folder: SpoolFolder
let open: SpooledDelivery[]

beforeEach(() => {
  folder = new SpoolFolder()
  open = []
  // The disk keeps its own time: what it does is waited for.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
})
afterEach(async () => {
  vi.useRealTimers()
  for (const { delivery } of open) {
    expectBalance(delivery.stats)
    await delivery.close(0)
  }
  await folder[Symbol.asyncDispose]()
})

function start(options: AnalyticsOptions = {}): SpooledDelivery {
  const one = new SpooledDelivery(folder.path, options)
  open.push(one)
  return one
}

/** The disk takes its own time, and what follows upon it a little more. */
async function until(test: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !test(); turn++) {
    await vi.advanceTimersByTimeAsync(100)
    await disk(1)
  }
  expect(test(), `${test}`).toBe(true)
}

const stats = ({ delivery }: SpooledDelivery): Stats => delivery.stats

/** Closes without a flush. */
async function close({ delivery }: SpooledDelivery): Promise<void> {
  const closed = delivery.close(0)
  await vi.advanceTimersByTimeAsync(1)
  await closed
}

/** Lets time pass in steps, and the disk come along. */
async function pass(milliseconds: number, step = MINUTE): Promise<void> {
  for (let left = milliseconds; left > 0; left -= step) {
    await vi.advanceTimersByTimeAsync(Math.min(left, step))
    await disk(5)
  }
}

describe('with an endpoint that takes nothing', () => {
  it('events wait in memory for ten minutes, then on disk, and are asked about all the same', async () => {
    const one = start()
    one.endpoint.behaviour = 'fail'
    for (let i = 0; i < 30; i++) one.capture(`event ${i}`)
    await pass(9 * MINUTE)
    expect(stats(one)).toMatchObject({ queued: 30, spooled: 0 })
    await pass(3 * MINUTE)
    const { queued, spooled } = stats(one)
    expect(queued).toBeLessThanOrEqual(10)
    expect(queued + spooled).toBe(30)
    one.endpoint.behaviour = 'take'
    await pass(3 * MINUTE)
    await until(() => stats(one).delivered === 30)
    expect(new Set(one.endpoint.taken).size).toBe(30)
  })

  it('they are given up after a day, in memory too, to the minute', async () => {
    const one = start({ maxQueueSize: 5 })
    one.endpoint.behaviour = 'fail'
    for (let i = 0; i < 8; i++) one.capture(`event ${i}`)
    await until(() => stats(one).spooled === 3)
    await pass(23 * HOUR, 10 * MINUTE)
    one.capture('young')
    expect(stats(one).dropped).toEqual({})
    await pass(HOUR + 15 * MINUTE)
    await until(() => stats(one).dropped.expired === 8)
    expect(stats(one)).toMatchObject({ dropped: { expired: 8 } })
    one.endpoint.behaviour = 'take'
    await pass(20 * MINUTE)
    await until(() => stats(one).delivered === 1)
    expect(one.endpoint.taken.filter(text => text !== 'report')).toEqual(['young'])
    await until(() => folder.names.length === 0)
  })

  it('however often they were sent, they are delivered within a quarter of an hour of its recovery', async () => {
    const one = start()
    one.endpoint.behaviour = 'fail'
    one.capture('event')
    await pass(2 * HOUR)
    expect(stats(one).retries).toBeLessThan(30)
    one.endpoint.behaviour = 'take'
    await pass(17 * MINUTE)
    await until(() => stats(one).delivered === 1)
  })

  it('a clock that is set forward gives up nothing', async () => {
    const one = start({ maxQueueSize: 5 })
    one.endpoint.behaviour = 'fail'
    for (let i = 0; i < 8; i++) one.capture(`event ${i}`)
    await until(() => stats(one).spooled === 3)
    vi.setSystemTime(Date.now() + 48 * HOUR)
    await pass(5 * MINUTE)
    one.endpoint.behaviour = 'take'
    await pass(3 * MINUTE)
    await until(() => stats(one).delivered === 8)
    expect(stats(one).dropped).toEqual({})
  })

  it('an event that is retried as often as allowed is given up on disk as in memory', async () => {
    const one = start({ maxRetries: 3, maxQueueSize: 2 })
    one.endpoint.behaviour = 'fail'
    for (let i = 0; i < 4; i++) one.capture(`event ${i}`)
    await until(() => stats(one).spooled === 2)
    await pass(10 * MINUTE)
    await until(() => stats(one).dropped.expired === 4)
    expect(stats(one)).toMatchObject({ queued: 0, spooled: 0, retries: 4 * 3 })
  })
})

describe('what others left', () => {
  it('a day ago is counted and given up', async () => {
    const first = start()
    first.capture('old')
    await close(first)
    await pass(23 * HOUR, 10 * MINUTE)
    const second = start()
    second.capture('young')
    await until(() => stats(second).adopted === 1)
    await close(second)
    expect(stats(second)).toMatchObject({ spooled: 2, dropped: {} })
    await pass(2 * HOUR)
    const third = start()
    third.endpoint.behaviour = 'take'
    await until(() => stats(third).adopted === 2 && stats(third).delivered === 1)
    expect(stats(third)).toMatchObject({ dropped: { expired: 1 } })
    expect(third.endpoint.taken).toContain('young')
    expect(third.endpoint.taken).not.toContain('old')
  })

  it('is noticed within a minute by a client that runs', async () => {
    const running = start()
    running.endpoint.behaviour = 'take'
    await until(() => folder.names.length === 0 && stats(running).queued === 0)
    await pass(1)
    const leaving = start()
    leaving.capture('left')
    await close(leaving)
    await pass(MINUTE)
    await until(() => stats(running).delivered === 1)
    expect(running.endpoint.taken).toEqual(['left'])
  })
})

it('an event is on its way to disk well within a second', async () => {
  start().capture('waiting')
  await vi.advanceTimersByTimeAsync(500)
  await come(() => folder.content.includes('waiting'))
})

it('a client touches its files every minute, for those who cannot see its process', async () => {
  const one = start()
  one.capture('waiting')
  await vi.advanceTimersByTimeAsync(1000)
  await come(() => folder.names.length === 1)
  const [path = ''] = folder.paths
  utimesSync(path, 0, 0)
  await vi.advanceTimersByTimeAsync(MINUTE)
  await until(() => statSync(path).mtimeMs > 0)
})
