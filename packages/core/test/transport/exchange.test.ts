import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { acquainted, inTurn, type Reply, range, stats, World } from './world.js'

const MINUTE = 60_000

let random: number
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  random = 1
  vi.spyOn(Math, 'random').mockImplementation(() => random)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('2xx', () => {
  it.each([200, 201, 202, 204])('%i: delivered', async status => {
    const world = new World()
    world.reply = () => status
    world.pushMany(3)
    expect(await world.flush()).toBe(true)
    expect(stats(world)).toEqual({ delivered: 3, queued: 0, inFlight: 0, dropped: {} })
    expect(world.lines).toEqual([])
  })

  it('with a list of results: what it names was rejected, and is told', async () => {
    const world = new World()
    world.reply = inTurn(
      {
        text: JSON.stringify({
          accepted: 1,
          rejected: [
            { index: 0, reason: `no ${'x'.repeat(300)}` },
            { index: 2, reason: 'nor this' },
            { index: 9, reason: 'not there' },
          ],
        }),
      },
      202,
    )
    world.pushMany(3)
    expect(await world.flush()).toBe(false)
    expect(stats(world)).toMatchObject({ delivered: 1, dropped: { rejected: 2 } })
    expect(world.lines).toEqual([
      `https://e.test/v1 rejected an event: no ${'x'.repeat(197)}`,
      'https://e.test/v1 rejected an event: nor this',
    ])
    world.push('later')
    await world.flush()
    expect(world.log.at(-1)).toBe('later report 1 {"rejected":2}')
  })

  it('with a page: no acknowledgement', async () => {
    const world = new World()
    world.reply = inTurn({ contentType: 'text/html; charset=utf-8' }, 202)
    world.pushMany(3)
    expect(await world.flush()).toBe(false)
    expect(stats(world)).toMatchObject({ delivered: 0, queued: 3 })
    expect(world.lines).toEqual(
      [
        'https://e.test/v1 answered 200 with a page, which is not how events are acknowledged: check the endpoint.',
      ].map(line => line.replace('200', '202')),
    )
    await world.pass(2 * MINUTE)
    expect(stats(world)).toMatchObject({ delivered: 3, queued: 0 })
  })
})

describe('an answer that only somebody’s hand can change', () => {
  const misconfigured = (status: number): string =>
    `https://e.test/v1 answered ${status}, which is not how events are acknowledged: check the endpoint.`
  const unauthorised = (status: number): string =>
    `https://e.test/v1 answered ${status}: check the API key and the site id.`

  it.each([
    ...[300, 301, 302, 307, 308, 404, 405, 410, 426, 501, 505].map(status => [status, misconfigured(status)]),
    ...[401, 403].map(status => [status, unauthorised(status)]),
  ] as [number, string][])(
    '%i: one warning, rare probes, everything delivered when it works again',
    async (status, line) => {
      const world = new World()
      world.reply = () => status
      world.pushMany(30)
      expect(await world.flush()).toBe(false)
      expect(world.lines).toEqual([line])
      await world.pass(7 * MINUTE)
      expect(world.sent.map(({ at }) => Math.round(at / MINUTE))).toEqual([0, 2, 6])
      expect(world.sizes).toEqual([30, 10, 1])
      expect(stats(world)).toMatchObject({ queued: 30, dropped: {} })
      world.reply = () => 202
      await world.pass(8 * MINUTE)
      expect(world.delivery.stats.delivered + (world.delivery.stats.dropped.expired ?? 0)).toBe(30)
    },
  )

  it.each([404, 401])('%i: a flush is not in vain for long, and close() does not insist', async status => {
    const world = new World()
    world.reply = () => status
    world.push('e')
    expect(await world.flush()).toBe(false)
    const asked = world.sent.length
    expect(await world.flush(MINUTE)).toBe(false)
    expect(await world.delivery.close(1000)).toBe(false)
    expect(world.sent).toHaveLength(asked)
  })
})

describe('an answer that time may change', () => {
  it.each<[string, Reply]>([
    ...[402, 408, 425, 429, 500, 502, 503, 504, 507, 599].map(
      status => [String(status), status] as [string, Reply],
    ),
    ['a reset', { code: 'ECONNRESET' }],
    ['a refused connection', { code: 'ECONNREFUSED' }],
    ['a timeout', { code: 'timeout' }],
  ])('%s: retried with backoff, the same events, all delivered in the end', async (_what, reply) => {
    const world = new World({ flushAt: 500 })
    world.reply = inTurn(reply, reply, reply, 202)
    world.pushMany(30)
    expect(await world.flush()).toBe(true)
    expect(world.sent.map(({ at }) => at)).toEqual([0, 500, 1500, 3500, 3500, 3500])
    expect(world.log.slice(0, 4)).toEqual([range(0, 30), range(0, 10), 'e10', 'e11'])
    expect(world.sizes.slice(4)).toEqual([20, 9])
    expect(stats(world)).toEqual({ delivered: 30, queued: 0, inFlight: 0, dropped: {} })
  })

  it('is worth a word from the third in a row on', async () => {
    const world = new World()
    world.reply = inTurn(503, 503, 503, { code: 'timeout' }, { code: 'EPIPE' })
    world.push('e')
    await world.flush(1400)
    expect(world.lines).toEqual([])
    await world.pass(10_000)
    expect(world.lines).toEqual([
      'https://e.test/v1 answered 503; events are kept and retried.',
      'https://e.test/v1 did not answer in time; events are kept and retried.',
      'https://e.test/v1 failed (EPIPE); events are kept and retried.',
    ])
  })

  it.each([429, 503])('%i with Retry-After: as told', async status => {
    const world = new World()
    world.reply = inTurn({ status, retryAfter: '7' }, 202)
    world.push('e')
    expect(await world.flush(10_000)).toBe(true)
    expect(world.sent.map(({ at }) => at)).toEqual([0, 7000])
  })

  it('grows trust again with each batch that is taken', async () => {
    const world = new World({ flushAt: 500 })
    world.reply = inTurn(503, 202)
    world.pushMany(400)
    expect(await world.flush()).toBe(true)
    expect(world.sizes).toEqual([400, 10, 20, 40, 80, 160, 90])
  })

  it('costs an event no more than 20 copies, and three on average, in ten minutes', async () => {
    random = 0
    const world = new World({ flushAt: 500 })
    world.reply = () => 503
    world.pushMany(100)
    await world.pass(9 * MINUTE)
    world.reply = () => 202
    await world.pass(MINUTE)
    const copies = new Map<string, number>()
    for (const text of world.sent.flatMap(({ texts }) => texts)) copies.set(text, (copies.get(text) ?? 0) + 1)
    const all = [...copies.values()]
    expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(2)
    expect(all.reduce((sum, count) => sum + count) / 100).toBeLessThan(3)
    expect(stats(world)).toMatchObject({ delivered: 100 })
  })

  it('costs a lone event 19 copies at most, until another one is taken or somebody asks', async () => {
    const world = new World()
    world.reply = () => ({ status: 429, retryAfter: '1' })
    world.push('lone')
    await world.pass(MINUTE)
    expect(world.sent).toHaveLength(19)
    void world.delivery.flush(500)
    await world.pass(500)
    expect(world.sent).toHaveLength(20)
    world.reply = () => 202
    world.push('new')
    await world.pass(5000)
    expect(world.log.slice(20)).toEqual(['new', 'lone'])
    expect(stats(world)).toMatchObject({ delivered: 2 })
  })

  it('gives up a lone event after ten minutes too, though it is sent no more', async () => {
    const world = new World()
    world.reply = () => ({ status: 429, retryAfter: '1' })
    world.push('lone')
    await world.pass(12 * MINUTE)
    expect(world.sent).toHaveLength(19)
    expect(stats(world)).toMatchObject({ queued: 0, dropped: { expired: 1 } })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives an event up after ten minutes', async () => {
    const world = new World()
    world.reply = () => 503
    world.pushMany(5, 'old')
    await world.pass(9 * MINUTE)
    world.pushMany(5, 'new')
    await world.pass(MINUTE + 500)
    expect(stats(world)).toMatchObject({ queued: 10 })
    await world.pass(MINUTE)
    expect(stats(world)).toMatchObject({ queued: 5, dropped: { expired: 5 } })
  })

  it('maxRetries counts failures, and not what else makes an event travel again', async () => {
    const world = new World({ maxRetries: 1, compress: true })
    world.reply = inTurn(413, 415, { code: 'EPIPE', reused: true }, 202)
    world.pushMany(4)
    expect(await world.flush()).toBe(true)
    const other = new World({ maxRetries: 1 })
    other.reply = () => 500
    other.pushMany(2)
    expect(await other.flush()).toBe(false)
    expect(other.log).toEqual(['e0 e1', 'e0 e1'])
    expect(stats(other)).toMatchObject({ queued: 0, dropped: { expired: 2 } })
  })
})

describe('a connection that had served before and fails', () => {
  it('is retried at once, once', async () => {
    const world = await acquainted()
    world.reply = inTurn({ code: 'ECONNRESET', reused: true }, 202)
    world.push('e')
    expect(await world.flush()).toBe(true)
    expect(world.sent).toHaveLength(2)
    expect(world.sent[1]?.at).toBe(world.sent[0]?.at)
    expect(world.delivery.stats.retries).toBe(0)
  })

  it('counts as a failure the second time in a row, but not after a success', async () => {
    const world = await acquainted()
    world.reply = inTurn(
      { code: 'a', reused: true },
      { code: 'a', reused: true },
      202,
      { code: 'a', reused: true },
      202,
    )
    world.push('e')
    await world.flush()
    expect(world.sent.map(({ at }) => at - (world.sent[0]?.at ?? 0))).toEqual([0, 0, 500])
    world.push('e')
    await world.flush()
    expect(world.sent).toHaveLength(5)
    expect(world.sent[4]?.at).toBe(world.sent[3]?.at)
  })

  it('counts as a failure where it was silent', async () => {
    const world = await acquainted()
    world.reply = inTurn({ code: 'timeout', reused: true }, 202)
    world.push('e')
    await world.flush()
    expect((world.sent[1]?.at ?? 0) - (world.sent[0]?.at ?? 0)).toBe(500)
  })
})
