import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { LANE, type Lane } from '../../src/queue/queue.js'
import { meaningOf } from '../../src/transport/answers.js'
import type { Attempt } from '../../src/transport/transport.js'
import { type Reply, type Sent, World } from './world.js'

const LIMITS = { maxQueueSize: 60, maxQueueBytes: 12_000, flushAt: 20 }
const SICK_FOR_AT_LEAST_MS = 250

type Mood = 'well' | 'sick' | 'limiting' | 'gone' | 'slow' | 'narrow' | 'locked' | 'lost'

const REPLIES: Record<Mood, Reply> = {
  well: 202,
  sick: 503,
  limiting: { status: 429, retryAfter: '1' },
  gone: { code: 'ECONNREFUSED' },
  slow: 'wait',
  narrow: 413,
  locked: 401,
  lost: 404,
}

/** As an endpoint answers that is well. */
const judged = ({ texts }: Sent): number => (texts.some(text => text.startsWith('bad')) ? 400 : 202)

/** Delivery, and an endpoint that keeps an eye on what it is sent. */
class Watched extends World {
  mood: Mood = 'well'
  readonly #lanes = new Map<string, Lane>()
  readonly #acknowledged = new Set<string>()
  /** Since a request was last taken. */
  #copies = new Map<string, number>()
  #failedAt: number | undefined
  /** Attempts that somebody asked for. */
  #asked = 0
  #hurried = false

  constructor() {
    super(LIMITS)
    this.reply = sent => {
      if (this.mood === 'narrow') return sent.texts.length > 3 ? 413 : judged(sent)
      return this.mood === 'well' ? judged(sent) : REPLIES[this.mood]
    }
  }

  override async send(texts: readonly string[], options: { compress: boolean }): Promise<Attempt> {
    const events = texts.filter(text => !text.startsWith('report'))
    this.#checkSpared(events)
    this.#checkOrder(events)
    const attempt = await super.send(texts, options)
    const meaning = attempt.kind === 'answer' ? meaningOf(attempt) : 'wait'
    if (meaning === 'taken') this.#take(events)
    else if (meaning === 'wait') this.#failedAt = performance.now()
    return attempt
  }

  #checkSpared(events: readonly string[]): void {
    if (this.#failedAt !== undefined) {
      expect(events.length).toBeLessThanOrEqual(10)
      expect(this.open).toBe(0)
      if (!this.#hurried) {
        expect(performance.now() - this.#failedAt).toBeGreaterThanOrEqual(SICK_FOR_AT_LEAST_MS)
      }
    }
    expect(this.open).toBeLessThan(2)
    for (const text of events) {
      const copies = (this.#copies.get(text) ?? 0) + 1
      this.#copies.set(text, copies)
      // Beside what was sent when the outage began, and the last one that is taken.
      expect(copies).toBeLessThanOrEqual(19 + this.#asked)
    }
  }

  /** Failures first, then the order of capture; a few that are tried are the rarest first. */
  #checkOrder(events: readonly string[]): void {
    if (this.#failedAt !== undefined) return
    const key = (text: string): number => {
      const isFailure = this.#lanes.get(text) === LANE.failure
      return Number(/\d+/.exec(text)?.[0]) + (isFailure ? 0 : 1_000_000)
    }
    expect(events).toEqual(events.toSorted((a, b) => key(a) - key(b)))
  }

  #take(events: readonly string[]): void {
    for (const text of events) {
      expect(this.#acknowledged.has(text), text).toBe(false)
      this.#acknowledged.add(text)
    }
    this.#copies = new Map()
    this.#failedAt = undefined
    this.#asked = 0
  }

  capture(lane: Lane, length: number, isBad: boolean): void {
    const text = `${isBad ? 'bad' : 'event'} ${this.#lanes.size} ${'x'.repeat(length)}`
    this.#lanes.set(text, lane)
    this.push(text, lane)
    const { queued, inFlight } = this.delivery.stats
    expect(queued + inFlight).toBeLessThanOrEqual(LIMITS.maxQueueSize)
  }

  async flushFor(milliseconds: number): Promise<void> {
    this.#asked++
    const before = [...this.#lanes.keys()]
    if (await this.flush(milliseconds)) {
      expect(before.filter(text => !this.#acknowledged.has(text)).length).toBe(this.#lost)
    }
  }

  get #lost(): number {
    return Object.values(this.delivery.stats.dropped).reduce((sum, count) => sum + count, 0)
  }

  /** The endpoint is well: everything that was not lost is delivered, and is told to be. */
  async finish(): Promise<void> {
    this.mood = 'well'
    for (let open = this.open; open > 0; open--) await this.answer(503)
    await this.pass(1_000_000)
    this.capture(LANE.failure, 1, false)
    await this.pass(1_000_000)
    this.#hurried = true
    const closed = this.delivery.close(1000)
    await this.pass(1000)
    await closed
    const { stats } = this.delivery
    expect(stats).toMatchObject({ queued: 0, inFlight: 0, captured: this.#lanes.size })
    expect(stats.delivered).toBe(this.#acknowledged.size)
    expect([...this.#acknowledged].filter(text => text.startsWith('bad'))).toEqual([])
    expect(this.open).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  }
}

const lane = fc.constantFrom<Lane[]>(LANE.healthy, LANE.other, LANE.failure)
const mood = fc.constantFrom(...(Object.keys(REPLIES) as Mood[]))
const at = fc.constantFrom(0, 1, 200, 2000, 30_000, 300_000)
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        lane,
        length: fc.nat(400),
        count: fc.integer({ min: 1, max: 30 }),
        bad: fc.integer({ min: 0, max: 60 }),
      })
      .map(({ lane, length, count, bad }) => async (world: Watched) => {
        for (let n = 0; n < count; n++) world.capture(lane, length, n === bad)
      }),
  },
  {
    weight: 3,
    arbitrary: mood.map(mood => async (world: Watched) => {
      world.mood = mood
    }),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(judged, 503, 413, 401).map(reply => (world: Watched) => world.answer(reply)),
  },
  { weight: 8, arbitrary: at.map(milliseconds => (world: Watched) => world.pass(milliseconds)) },
  { weight: 2, arbitrary: at.map(milliseconds => (world: Watched) => world.flushFor(milliseconds)) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: -(10 ** 9), max: 10 ** 9 })
      .map(jump => async (_: Watched) => void vi.setSystemTime(Date.now() + jump)),
  },
)

it('whatever the endpoint does: each event ends once, the endpoint is spared, the ledger balances', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async steps => {
        const world = new Watched()
        for (const does of steps) await does(world)
        await world.finish()
      }),
      { numRuns: 60 },
    )
  } finally {
    vi.useRealTimers()
  }
}, 120_000)
