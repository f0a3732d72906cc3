import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resolveSettings } from '../../src/config.js'
import { LANE } from '../../src/queue/queue.js'
import { Delivery } from '../../src/transport/delivery.js'
import type { Answer, Attempt } from '../../src/transport/transport.js'

/** An endpoint that answers when it is told to. */
function scripted(): {
  delivery: Delivery
  sent: string[][]
  answer(attempt?: Partial<Answer> | 'failure'): Promise<void>
} {
  const sent: string[][] = []
  const waiting: ((attempt: Attempt) => void)[] = []
  const transport = {
    send(texts: readonly string[]) {
      sent.push([...texts])
      return new Promise<Attempt>(resolve => waiting.push(resolve))
    },
    close() {},
  }
  const settings = {
    ...resolveSettings({ apiKey: 'k', siteId: 's', flushAt: 2, flushInterval: 1 }),
    onDemand: true,
  }
  const delivery = new Delivery(
    settings,
    transport,
    () => 'report',
    () => {},
  )
  return {
    delivery,
    sent,
    async answer(attempt = {}) {
      const answer: Answer = {
        kind: 'answer',
        status: 202,
        contentType: 'application/json',
        retryAfter: undefined,
        text: undefined,
      }
      waiting.shift()?.(
        attempt === 'failure'
          ? { kind: 'failure', code: 'ECONNRESET', reused: false }
          : { ...answer, ...attempt },
      )
      await new Promise(setImmediate)
    },
  }
}

const push = (delivery: Delivery, ...texts: string[]): void => {
  for (const text of texts) {
    delivery.ledger.captured++
    delivery.push(text, LANE.other)
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

describe('delivery on demand', () => {
  it('sends nothing by itself, however much is waiting and however long', async () => {
    const { delivery, sent } = scripted()
    push(delivery, 'a', 'b', 'c')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toEqual([])
    expect(delivery.stats.queued).toBe(3)
  })

  it('a flush is over when what was captured before it is acknowledged', async () => {
    const { delivery, sent, answer } = scripted()
    push(delivery, 'a', 'b')
    const flushed = delivery.flush(5000)
    expect(sent).toEqual([['a', 'b']])
    push(delivery, 'later')
    await answer()
    expect(await flushed).toBe(true)
    expect(sent).toEqual([['a', 'b']])
    expect(delivery.stats).toMatchObject({ delivered: 2, queued: 1, inFlight: 0 })
  })

  it('a request does not wait for the attempt of another one to send its own events', async () => {
    const { delivery, sent, answer } = scripted()
    push(delivery, 'of A')
    const a = delivery.flush(5000)
    push(delivery, 'of B')
    const b = delivery.flush(5000)
    expect(sent).toEqual([['of A'], ['of B']])
    await answer()
    expect(await a).toBe(true)
    await answer()
    expect(await b).toBe(true)
  })

  it('a flush lasts as long as the attempt it made, even when its own events travelled with another', async () => {
    const { delivery, sent, answer } = scripted()
    push(delivery, 'of B')
    void delivery.flush(5000)
    push(delivery, 'of C')
    const b = delivery.flush(5000)
    let over = false
    void b.then(() => {
      over = true
    })
    expect(sent).toEqual([['of B'], ['of C']])
    await answer()
    expect(over).toBe(false)
    await answer()
    expect(await b).toBe(true)
  })

  it('a flush with nothing of its own to send awaits the others, and sends nothing', async () => {
    const { delivery, sent, answer } = scripted()
    push(delivery, 'a')
    const a = delivery.flush(5000)
    const b = delivery.flush(5000)
    await answer()
    expect(await Promise.all([a, b])).toEqual([true, true])
    expect(sent).toEqual([['a']])
  })

  it('after a failure nothing is retried until somebody flushes again', async () => {
    const { delivery, sent, answer } = scripted()
    push(delivery, 'a')
    const flushed = delivery.flush(5000)
    await answer({ status: 503 })
    expect(await flushed).toBe(false)
    expect(delivery.stats).toMatchObject({ queued: 1, inFlight: 0 })

    // The endpoint is being spared.
    expect(await delivery.flush(5000)).toBe(false)
    expect(sent).toHaveLength(1)

    await vi.advanceTimersByTimeAsync(500)
    const again = delivery.flush(5000)
    await answer()
    expect(await again).toBe(true)
    expect(sent).toEqual([['a'], ['a']])
  })

  it('a refused batch is split within the flush, until the poison is alone', async () => {
    const { delivery, sent, answer } = scripted()
    push(delivery, 'good')
    const first = delivery.flush(5000)
    await answer()
    expect(await first).toBe(true)
    push(delivery, 'good too', 'poison')
    const flushed = delivery.flush(5000)
    for (let n = 1; delivery.stats.queued + delivery.stats.inFlight > 0; n++) {
      await answer({ status: sent[n]?.includes('poison') ? 400 : 202 })
    }
    expect(await flushed).toBe(false)
    expect(delivery.stats).toMatchObject({ delivered: 2, dropped: { rejected: 1 } })
  })
})
