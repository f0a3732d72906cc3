import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { LANE, type Lane } from '../../../src/queue/queue.js'
import { ENDED, readRecords } from '../../../src/transport/spool/record.js'
import { expectBalance } from '../../balance.js'
import { SpoolFolder } from './folder.js'
import { disk, SpooledDelivery } from './harness.js'

const LIMITS = { maxQueueSize: 8, maxQueueBytes: 8000, flushAt: 5 }

/** Time passes, and the disk, which has its own, comes along for a while. */
async function pass(milliseconds: number, turns = 4): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await disk(turns)
}

function liveIn(files: readonly [string, Buffer][]): string[] {
  return files.flatMap(([, content]) =>
    [...readRecords(content, index => content[index] !== ENDED)].map(record => record?.text ?? 'damaged'),
  )
}

/** Events, and the clients that come one after the other to deliver them. */
class World implements AsyncDisposable {
  #folder = new SpoolFolder()
  readonly #folders = [this.#folder]
  client: SpooledDelivery
  /** How often each event was acknowledged. */
  readonly #events = new Map<string, number>()

  constructor() {
    this.client = this.#start()
  }

  #start(): SpooledDelivery {
    const client: SpooledDelivery = new SpooledDelivery(this.#folder.path, {
      ...LIMITS,
      onDrop: () => expectBalance(client.delivery.stats),
    })
    return client
  }

  capture(lane: Lane, length: number): void {
    const text = `event ${this.#events.size} ${'x'.repeat(length)}`
    this.#events.set(text, 0)
    this.client.capture(text, lane)
  }

  /** Events that no endpoint has acknowledged. */
  get open(): string[] {
    return [...this.#events.keys()].filter(text => this.#timesOf(text) === 0)
  }

  #timesOf(text: string): number {
    return (this.#events.get(text) ?? 0) + this.client.endpoint.taken.filter(taken => taken === text).length
  }

  /** `true` has to mean that everything captured before was delivered. */
  async flush(): Promise<void> {
    const before = [...this.#events.keys()]
    const flushed = this.client.delivery.flush(1000)
    await pass(1000)
    await disk(50)
    const isDelivered = await Promise.race([flushed, new Promise(resolve => setImmediate(resolve, 'late'))])
    expect(isDelivered).not.toBe('late')
    if (isDelivered) expect(before.filter(text => this.#timesOf(text) === 0)).toEqual([])
  }

  /** The process is killed: the next one finds what is on disk, no more. */
  async crash(): Promise<void> {
    await pass(300)
    let files = this.#files()
    while (!this.client.isReady || liveIn(files).toSorted().join() !== this.open.toSorted().join()) {
      await pass(50)
      files = this.#files()
    }
    this.client.endpoint.behaviour = 'fail'
    const [[name = ''] = []] = files
    const [tag] = name.split('-')
    this.#folder = new SpoolFolder()
    this.#folders.push(this.#folder)
    mkdirSync(this.#folder.path)
    for (const [index, [, content]] of files.entries()) {
      writeFileSync(join(this.#folder.path, `${tag}-free-${'0'.repeat(12)}-${index}.spool`), content)
    }
    await this.restart()
  }

  /** The process ends in an orderly way. */
  async restart(): Promise<void> {
    await this.#close()
    for (const text of this.client.endpoint.taken) this.#events.set(text, (this.#events.get(text) ?? 0) + 1)
    this.client = this.#start()
  }

  async #close(): Promise<void> {
    const { delivery } = this.client
    const closed = delivery.close(0)
    await pass(1)
    await closed
    expectBalance(delivery.stats)
  }

  #alive(): number {
    const { queued, inFlight, spooled } = this.client.delivery.stats
    return queued + inFlight + spooled
  }

  /** Names and contents of the files that there are. */
  #files(): [string, Buffer][] {
    return this.#folder.paths.flatMap(path => {
      try {
        return [[basename(path), readFileSync(path)]]
      } catch {
        // It has been removed since the folder was read.
        return []
      }
    })
  }

  /** The endpoint takes everything: nothing is left anywhere, and every event is accounted for. */
  async finish(): Promise<void> {
    this.client.endpoint.behaviour = 'take'
    this.client.endpoint.answer('take')
    // What has been sent very often waits for a new event to find the endpoint healthy.
    this.capture(LANE.healthy, 0)
    const isAnythingLeft = (): boolean =>
      !this.client.isReady || this.#alive() > 0 || this.#folder.names.length > 0
    while (isAnythingLeft()) await pass(1000)
    for (const text of this.#events.keys()) expect(this.#timesOf(text)).toBe(1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
    for (const folder of this.#folders) await folder[Symbol.asyncDispose]()
  }
}

const lane = fc.constantFrom<Lane[]>(LANE.healthy, LANE.other, LANE.failure)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('capture' as const), lane, length: fc.nat(1500) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('burst' as const),
      lane,
      count: fc.integer({ min: 5, max: 40 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('answer' as const),
      how: fc.constantFrom('take' as const, 'fail' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('turn' as const),
      how: fc.constantFrom('take' as const, 'fail' as const, 'wait' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(0, 1, 50, 250, 2000, 61_000, 660_000),
      turns: fc.constantFrom(0, 1, 2, 5),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('crash' as const) }) },
)

it('every event is delivered once, whatever happens, and the ledger balances all the time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async steps => {
        await using world = new World()
        for (const one of steps) {
          if (one.does === 'capture') world.capture(one.lane, one.length)
          else if (one.does === 'burst') for (let n = 0; n < one.count; n++) world.capture(one.lane, 100)
          else if (one.does === 'answer') world.client.endpoint.answer(one.how)
          else if (one.does === 'turn') world.client.endpoint.behaviour = one.how
          else if (one.does === 'pass') await pass(one.milliseconds, one.turns)
          else await world[one.does]()
          expectBalance(world.client.delivery.stats)
        }
        await world.finish()
      }),
      { numRuns: 60 },
    )
  } finally {
    vi.useRealTimers()
  }
}, 120_000)
