import { once } from 'node:events'
import { API_KEY, SITE_ID, Sink } from '@justanalytics/conformance'
import { JustAnalyticsError } from '@justanalytics/core'
import type { Job, JobsOptions, Processor, QueueOptions, Worker, WorkerOptions } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { instrumentQueue, instrumentWorker } from '../src/index.js'
import { openFront } from './front.js'
import { majors } from './majors.js'
import { Redis } from './redis.js'
import { isEnd, Stage } from './stage.js'
import { ownTelemetry } from './telemetry.js'

let redis: Redis
beforeAll(async () => {
  redis = await Redis.start()
})
afterAll(() => redis.stop())

interface Twin {
  readonly title: string
  readonly job?: JobsOptions
  readonly worker?: Partial<WorkerOptions>
  readonly processor: Processor
}

const twins: Twin[] = [
  { title: 'a result', processor: async job => ({ for: job.data.for, at: [1, 2] }) },
  { title: 'no result', processor: async () => {} },
  { title: 'a processor that is not asynchronous', processor: (() => 'at once') as never },
  {
    title: 'failures',
    job: { attempts: 2 },
    processor: async () => {
      throw new TypeError('no')
    },
  },
  { title: 'two parameters: no signal', processor: async (...[, , signal]) => String(signal) },
  { title: 'three parameters: a signal', processor: async (_job, _token, signal) => String(signal) },
  {
    title: 'a result that cannot be told',
    processor: async () => {
      const circle: Record<string, unknown> = {}
      circle.circle = circle
      return circle
    },
  },
]

describe.each(majors)('%s: unaltered', (_, bullmq) => {
  it.each(twins)('$title', async ({ job: options, worker: setup, processor }) => {
    async function run(instruments: boolean): Promise<unknown> {
      await using stage = new Stage(bullmq, redis)
      const queue = instruments ? stage.queue() : stage.bareQueue()
      const worker = instruments ? stage.worker(processor, setup) : stage.bareWorker(processor, setup)
      const heard: unknown[] = []
      worker.on('completed', (job, result, before) => heard.push('completed', job.id, result, before))
      worker.on('failed', (job, error, before) => heard.push('failed', job?.id, error.message, before))
      const end = ended(worker)
      await queue.add('receipt', { for: 'somebody' }, options)
      const { id = '' } = await end
      const job = await queue.getJob(id)
      const { data, returnvalue, failedReason, attemptsMade, attemptsStarted, opts, progress } = job as Job
      const { telemetry: _, ...own } = opts
      const kept = { data, returnvalue, failedReason, attemptsMade, attemptsStarted, own, progress }
      return { heard, state: await job?.getState(), kept }
    }
    expect(await run(true)).toEqual(await run(false))
  })

  it('what a listener is given is the very error that was thrown', async () => {
    await using stage = new Stage(bullmq, redis)
    const thrown = new TypeError('no')
    const worker = stage.worker(async () => {
      throw thrown
    })
    const failed = new Promise(resolve => worker.on('failed', (_job, error) => resolve(error)))
    await stage.queue().add('receipt', {})
    expect(await failed).toBe(thrown)
  })

  it('an event is told even where a listener of the application throws', async () => {
    await using stage = new Stage(bullmq, redis)
    const worker = stage.bareWorker(async () => {})
    worker.on('completed', () => {
      throw new Error('a bad listener')
    })
    instrumentWorker(worker, { client: stage.ear.client })
    await stage.queue().add('receipt', {})
    await stage.ear.until(events => events.some(isEnd))
  })

  it('errors that the application does not listen to still go to the console', async () => {
    await using stage = new Stage(bullmq, redis)
    const worker = stage.worker(async () => {})
    worker.removeAllListeners('error')
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {})
    worker.emit('error', new Error('of the worker'))
    expect(console).toHaveBeenCalledOnce()
    console.mockRestore()
  })

  it('nothing of a job’s data or result leaves the process, and the options given stay as they are', async () => {
    await using stage = new Stage(bullmq, redis)
    const sink = await Sink.open()
    const options = { apiKey: API_KEY, siteId: SITE_ID, endpoint: sink.url }
    const queueOptions: QueueOptions = { connection: redis.connection }
    const workerOptions: WorkerOptions = { connection: redis.connection }
    const queue = stage.keep(new bullmq.Queue(stage.name, queueOptions))
    const worker = new bullmq.Worker(
      stage.name,
      async ({ name, data }) => {
        if (name === 'failing') throw new TypeError('no')
        return { result: `${data.number} returned` }
      },
      workerOptions,
    )
    instrumentQueue(queue, options)
    instrumentWorker(worker, options)
    const end = Promise.all([once(worker, 'completed'), once(worker, 'failed')])
    await queue.add('receipt', { number: 'card 4111' })
    await queue.add('failing', { number: 'card 4111' })
    await end
    await worker.close()
    expect(sink.events.map(({ event }) => event).sort()).toEqual(['task_completed', 'task_failed'])
    for (const sent of sink.received) expect(sent).not.toMatch(/4111|returned/)
    expect(queueOptions).toEqual({ connection: redis.connection })
    expect(workerOptions).toEqual({ connection: redis.connection })
    await sink.close()
  })

  const carried = (span: string): string => JSON.stringify({ traceparent: `00-${span}` })
  it.each([
    [
      'metadata with room for a key',
      carried,
      { traceparent: expect.any(String), justanalytics: expect.anything() },
    ],
    ['metadata of another form', (span: string) => `span ${span}`, undefined],
    ['no metadata', () => '', { justanalytics: expect.anything() }],
  ])('the application’s own telemetry is asked and told the same: %s', async (_, metadata, kept) => {
    async function run(instruments: boolean): Promise<{ log: string[]; kept: string | undefined }> {
      await using stage = new Stage(bullmq, redis)
      const { telemetry, log } = ownTelemetry(metadata)
      const queue = stage.bareQueue({ telemetry })
      const worker = stage.bareWorker(
        async job => {
          if (job.attemptsMade === 0) throw new Error('not at once')
        },
        { telemetry, autorun: false },
      )
      if (instruments) {
        instrumentQueue(queue, { client: stage.ear.client })
        instrumentWorker(worker, { client: stage.ear.client })
      }
      await using front = await openFront(stage.ear, () => queue.add('receipt', {}, { attempts: 2 }))
      await front.order(7)
      const end = ended(worker)
      worker.run()
      const job = await end
      await worker.close()
      const name = new RegExp(stage.name, 'g')
      return { log: log.map(line => line.replace(name, 'queue')), kept: job.opts.telemetry?.metadata }
    }
    const [plain, instrumented] = [await run(false), await run(true)]
    expect(ofJobs(instrumented.log)).toEqual(ofJobs(plain.log))
    if (kept) expect(JSON.parse(instrumented.kept ?? '')).toEqual(kept)
    else
      expect(instrumented.kept?.replace(/queue-\d+-\d+/, 'queue')).toBe(
        plain.kept?.replace(/queue-\d+-\d+/, 'queue'),
      )
  })
})

describe('what is asked of whoever calls', () => {
  const emitter = { name: 'queue', opts: {}, prependListener() {} }
  const { client } = new Stage(majors[0]?.[1] as never, { connection: {} } as never).ear
  it.each([
    [
      'an unknown name',
      { apiKey: 'key', siteId: 'site', user: () => 7 } as never,
      /Expected `user` to be left out/,
    ],
    ['a wrong value', { flushAt: 0 }, /Expected `flushAt` to be a whole number from 1 to 500, got 0/],
    ['a client that is none', { client: 'me' } as never, /Expected `client` to be a client/],
    [
      'options beside a client',
      { client, release: 'one' },
      /Expected `release` to be left out beside `client`/,
    ],
    ['no object', null as never, /Expected `options` to be an object, got null/],
  ])('%s', (_, options, sentence) => {
    for (const instrument of [instrumentWorker, instrumentQueue]) {
      expect(() => instrument({ ...emitter, opts: {} }, options)).toThrow(JustAnalyticsError)
      expect(() => instrument({ ...emitter, opts: {} }, options)).toThrow(sentence)
    }
  })

  it('a worker or a queue that is given twice is instrumented once', async () => {
    await using stage = new Stage(majors[1]?.[1] as never, redis)
    const queue = stage.queue()
    instrumentQueue(queue, { client: stage.ear.client })
    const worker = stage.worker(async () => {})
    instrumentWorker(worker, { client: stage.ear.client })
    expect(worker.listenerCount('completed')).toBe(1)
  })
})

/** Which spans the worker opens while it waits depends on the moment. */
function ofJobs(log: string[]): string[] {
  return log.filter(line => !/getNextJob|moveStalledJobsToWait|startStalledCheckTimer|close/.test(line))
}

/** Resolves with the job when no retry follows. */
function ended(worker: Worker): Promise<Job> {
  return new Promise(resolve => {
    worker.on('completed', resolve)
    worker.on('failed', job => {
      if (job?.finishedOn) resolve(job)
    })
  })
}
