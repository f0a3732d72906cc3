import { vi } from 'vitest'
import { resolveSettings } from '../../src/config.js'
import type { AnalyticsOptions } from '../../src/options.js'
import { LANE, type Lane } from '../../src/queue/queue.js'
import { Delivery } from '../../src/transport/delivery.js'
import type { Spool, SpoolParts } from '../../src/transport/spool/spool.js'
import type { Answer, Attempt, Failure, Transport } from '../../src/transport/transport.js'
import { expectBalance } from '../balance.js'

/** A request as the endpoint got it. */
export interface Sent {
  readonly texts: readonly string[]
  readonly compress: boolean
  /** Milliseconds since the world began. */
  readonly at: number
}

/** A status, more of an answer, no answer (`{ code }`), or none for now (`'wait'`). */
export type Reply = Given | 'wait'
type Given = number | Partial<Answer> | Partial<Failure>

/** Delivery with an endpoint and a clock that do what a test says. */
export class World implements Transport {
  readonly sent: Sent[] = []
  readonly lines: string[] = []
  readonly delivery: Delivery
  /** How often it was closed. */
  closed = 0
  reply: (sent: Sent) => Reply = () => 202
  readonly #began = performance.now()
  #waiting: { sent: Sent; resolve(attempt: Attempt): void }[] = []
  #reports = 0

  constructor(options: AnalyticsOptions = {}, openSpool?: (parts: SpoolParts) => Spool) {
    const settings = resolveSettings({
      apiKey: 'k',
      siteId: 's',
      endpoint: 'https://e.test/v1?q=1',
      ...options,
    })
    this.delivery = new Delivery(
      settings,
      this,
      ({ dropped }) => `report ${++this.#reports} ${JSON.stringify(dropped)}`,
      line => void this.lines.push(line),
      openSpool,
    )
  }

  /** Requests that nobody has answered yet. */
  get open(): number {
    return this.#waiting.length
  }

  /** What was sent, a line a request. */
  get log(): string[] {
    return this.sent.map(({ texts }) => texts.join(' '))
  }

  get sizes(): number[] {
    return this.sent.map(({ texts }) => texts.length)
  }

  send(texts: readonly string[], { compress }: { compress: boolean }): Promise<Attempt> {
    const sent = { texts, compress, at: performance.now() - this.#began }
    this.sent.push(sent)
    const reply = this.reply(sent)
    return new Promise(resolve => {
      if (reply === 'wait') this.#waiting.push({ sent, resolve })
      else resolve(attemptOf(reply))
    })
  }

  close(): void {
    this.closed++
    for (const { resolve } of this.#waiting.splice(0)) resolve(attemptOf({ code: 'timeout' }))
  }

  /** Answers the request that has waited longest. */
  async answer(reply: Given | ((sent: Sent) => Given)): Promise<void> {
    const next = this.#waiting.shift()
    next?.resolve(attemptOf(typeof reply === 'function' ? reply(next.sent) : reply))
    await this.pass(0)
  }

  push(text: string, lane: Lane = LANE.healthy): void {
    this.delivery.ledger.captured++
    this.delivery.push(text, lane)
    expectBalance(this.delivery.stats)
  }

  /** Events `<name>0`, `<name>1`, … */
  pushMany(count: number, name = 'e', lane: Lane = LANE.healthy): void {
    for (let n = 0; n < count; n++) this.push(name + n, lane)
  }

  async pass(milliseconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds)
    expectBalance(this.delivery.stats)
  }

  /** Flushes, and lets as much time pass as that takes, but no more than given. */
  async flush(milliseconds = 5000): Promise<boolean> {
    let answer: boolean | undefined
    void this.delivery.flush(milliseconds).then(delivered => {
      answer = delivered
    })
    await this.pass(0)
    for (let waited = 0, step = 50; answer === undefined; waited += step, step *= 2) {
      if (waited > 4 * milliseconds) throw new Error('flush() did not answer in time')
      await this.pass(step)
    }
    return answer
  }
}

function attemptOf(reply: Given): Attempt {
  if (typeof reply === 'object' && 'code' in reply) {
    return { kind: 'failure', code: 'ECONNRESET', reused: false, ...reply }
  }
  const answer: Answer = {
    kind: 'answer',
    status: 202,
    contentType: 'application/json',
    retryAfter: undefined,
    text: undefined,
  }
  return { ...answer, ...(typeof reply === 'number' ? { status: reply } : (reply as Partial<Answer>)) }
}

/** Answers in turn; the last one from then on. */
export const inTurn = (...replies: Reply[]): (() => Reply) => {
  let next = 0
  return () => replies[Math.min(next++, replies.length - 1)] as Reply
}
export const has =
  (...bad: string[]) =>
  ({ texts }: Sent): boolean =>
    bad.some(text => texts.includes(text))
export const isArray = ({ texts }: Sent): boolean => texts.length > 1
export const stats = (world: World): unknown => {
  const { delivered, queued, inFlight, dropped } = world.delivery.stats
  return { delivered, queued, inFlight, dropped }
}
export const range = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `e${from + n}`).join(' ')

/** A world whose endpoint has taken an array before. */
export async function acquainted(options = {}): Promise<World> {
  const world = new World({ flushAt: 500, ...options })
  world.pushMany(2, 'early')
  await world.flush()
  world.sent.length = 0
  return world
}
