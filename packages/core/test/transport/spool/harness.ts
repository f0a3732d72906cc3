import { access } from 'node:fs/promises'
import { resolveSettings } from '../../../src/config.js'
import type { AnalyticsOptions } from '../../../src/options.js'
import { LANE, type Lane } from '../../../src/queue/queue.js'
import { Delivery } from '../../../src/transport/delivery.js'
import { DiskSpool } from '../../../src/transport/spool/disk-spool.js'
import type { Attempt, Transport } from '../../../src/transport/transport.js'

/** An endpoint that answers when and how a test says. */
export class ScriptedEndpoint implements Transport {
  /** Texts it acknowledged, as often as it did. */
  readonly taken: string[] = []
  #waiting: { texts: readonly string[]; resolve(attempt: Attempt): void }[] = []
  /** Answers at once in this way. */
  behaviour: 'take' | 'fail' | 'wait' = 'wait'

  send(texts: readonly string[]): Promise<Attempt> {
    return new Promise(resolve => {
      this.#waiting.push({ texts, resolve })
      if (this.behaviour !== 'wait') this.answer(this.behaviour)
    })
  }

  answer(how: 'take' | 'fail'): void {
    for (const { texts, resolve } of this.#waiting.splice(0)) {
      if (how === 'take') {
        this.taken.push(...texts)
        resolve({ kind: 'answer', status: 202, contentType: '', retryAfter: undefined, text: undefined })
      } else resolve({ kind: 'failure', code: 'ECONNREFUSED', reused: false })
    }
  }

  close(): void {
    this.answer('fail')
  }
}

/** Delivery with a spool, without the rooms around it. */
export class SpooledDelivery {
  readonly delivery: Delivery
  readonly endpoint: ScriptedEndpoint = new ScriptedEndpoint()
  #spool: DiskSpool | undefined

  constructor(folder: string, options: AnalyticsOptions = {}) {
    const settings = resolveSettings({ apiKey: 'k', siteId: 's', spool: folder, ...options }, {})
    const { endpoint } = settings
    this.delivery = new Delivery(
      settings,
      this.endpoint,
      () => 'report',
      () => {},
      parts => {
        this.#spool = new DiskSpool({ folder, endpoint, siteId: 's' }, parts)
        return this.#spool
      },
    )
  }

  /** It has had its first look at the folder. */
  get isReady(): boolean {
    return this.#spool?.isReady ?? false
  }

  capture(text: string, lane: Lane = LANE.healthy): void {
    this.delivery.ledger.captured++
    this.delivery.push(text, lane)
  }
}

/** Lets the disk, which has its own time, come along: what was asked of it before is likely done by then. */
export async function disk(turns: number): Promise<void> {
  for (let n = 0; n < turns; n++) {
    await access('/')
    await new Promise(setImmediate)
  }
}

/** Waits until it is so, as long as the disk may take for what was asked of it. */
export async function come(test: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !test(); turn++) await disk(1)
  if (!test()) throw new Error(`this did not come: ${test}`)
}
