import { EventEmitter, once } from 'node:events'
import type { AnalyticsEvent } from '@justanalytics/core'
import type { FlowProducer, Processor, Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instrumentQueue, instrumentWorker, jobAnalytics } from '../src/index.js'
import { openFront, TRACE_ID } from './front.js'
import { majors } from './majors.js'
import { Redis } from './redis.js'
import { Ear, isEnd, Stage } from './stage.js'

let redis: Redis
beforeAll(async () => {
  redis = await Redis.start()
})
afterAll(() => redis.stop())

interface Way {
  readonly title: string
  readonly only?: string
  enqueue(queue: Queue, flows: FlowProducer): Promise<unknown>
  processor?(queue: Queue): Processor
  /** How many task events are waited for. */
  readonly events: number
}

const ways: Way[] = [
  { title: 'add', enqueue: queue => queue.add('receipt', {}), events: 1 },
  {
    title: 'addBulk',
    enqueue: queue =>
      queue.addBulk([
        { name: 'receipt', data: {} },
        { name: 'stock', data: {}, opts: { attempts: 2 } },
      ]),
    events: 2,
  },
  {
    title: 'retries',
    enqueue: queue => queue.add('receipt', {}, { attempts: 3 }),
    processor: () => async () => {
      throw new Error('no')
    },
    events: 3,
  },
  {
    title: 'a delay',
    enqueue: queue => queue.add('receipt', {}, { delay: 20 }),
    events: 1,
  },
  {
    title: 'a flow, its nodes with and without options',
    enqueue: ({ name: queueName }, flows) =>
      flows.add({
        name: 'parent',
        queueName,
        children: [
          { name: 'child', queueName, children: [{ name: 'grandchild', queueName }] },
          { name: 'child', queueName, opts: { attempts: 2 } },
        ],
      }),
    events: 4,
  },
  {
    title: 'several flows',
    enqueue: ({ name: queueName }, flows) =>
      flows.addBulk([
        { name: 'one', queueName },
        { name: 'another', queueName, children: [{ name: 'child', queueName }] },
      ]),
    events: 3,
  },
  {
    title: 'a job scheduler, each time',
    enqueue: queue => queue.upsertJobScheduler('nightly', { every: 30, limit: 3 }, { name: 'receipt' }),
    events: 3,
  },
  {
    title: 'repeat options, each time',
    only: 'BullMQ 5',
    enqueue: queue => queue.add('receipt', {}, { repeat: { every: 30, limit: 3 } } as object),
    events: 3,
  },
  {
    title: 'a job that enqueues another',
    enqueue: queue => queue.add('first', {}),
    processor: queue => async job => {
      if (job.name === 'first') await queue.add('second', {})
    },
    events: 2,
  },
]

describe.each(majors)('%s: from a request to its jobs', (major, bullmq) => {
  it.each(ways.filter(({ only = major }) => only === major))(
    '$title',
    async ({ enqueue, processor, events }) => {
      await using stage = new Stage(bullmq, redis, { release: 'one' })
      const queue = stage.queue()
      const flows = stage.flows()
      const ear = new Ear({ release: 'two' })
      instrumentWorker(stage.bareWorker(processor?.(queue) ?? (async () => {})), { client: ear.client })
      await using front = await openFront(stage.ear, () => enqueue(queue, flows))

      const request = await front.order(7)
      const told = await ear.until(told => told.length >= events)
      expect(told).toHaveLength(events)
      for (const { properties } of told) {
        expect(properties).toMatchObject({
          request_id: request.request_id,
          user_id: 'user_7',
          trace_id: TRACE_ID,
          visitor_id: request.visitor_id,
          enqueued_release: 'one',
          release: 'two',
        })
      }
      expect(request.visitor_id).toMatch(/^[0-9a-f]{32}$/)
    },
  )

  it('goes in the job’s telemetry, never in its data', async () => {
    await using stage = new Stage(bullmq, redis, { release: 'one' })
    const queue = stage.queue()
    await using front = await openFront(stage.ear, () => queue.add('receipt', { for: 'somebody' }))
    const { request_id, visitor_id } = await front.order(7)
    const [job] = await queue.getJobs()
    expect(job?.data).toEqual({ for: 'somebody' })
    expect(JSON.parse(job?.opts.telemetry?.metadata ?? '')).toEqual({
      justanalytics: { request_id, visitor_id, trace_id: TRACE_ID, user_id: 'user_7', release: 'one' },
    })
  })

  it('50 requests at once: each job has its own', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    stage.worker(async () => {}, { concurrency: 10 })
    await using front = await openFront(stage.ear, number => queue.add(`receipt ${number}`, {}))
    const numbers = Array.from({ length: 50 }, (_, index) => index)
    const requests = await Promise.all(numbers.map(number => front.order(number)))
    const events = await stage.ear.until(events => events.filter(isEnd).length === 50)
    const asOrdered = requests.map((request, number) => [
      `receipt ${number}`,
      request.request_id,
      `user_${number}`,
    ])
    expect(events.filter(isEnd).map(thread).sort()).toEqual(asOrdered.sort())
  })

  it('outside of any request a job still knows the release that enqueued it', async () => {
    await using stage = new Stage(bullmq, redis, { release: 'one' })
    stage.worker(async () => {})
    await stage.queue().add('receipt', {})
    const [event] = await stage.ear.until(events => events.some(isEnd))
    expect(event?.properties).toMatchObject({ enqueued_release: 'one', release: 'one' })
    for (const name of ['request_id', 'user_id', 'visitor_id', 'trace_id']) {
      expect(event?.properties).not.toHaveProperty(name)
    }
  })

  it('a worker made while a request is served does not tie other jobs to it', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    const outside = stage.bareQueue()
    await using front = await openFront(stage.ear, async () => {
      stage.worker(async job => {
        if (job.name === 'first') await queue.add('second', {})
      })
    })
    await front.order(7)
    await outside.add('first', {})
    const events = await stage.ear.until(events => events.filter(isEnd).length === 2)
    for (const event of events.filter(isEnd)) expect(event.properties).not.toHaveProperty('request_id')
  })

  it('without a key nothing is written', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.bareQueue()
    const { telemetry } = queue.opts
    instrumentQueue(queue, { siteId: 'site', release: 'one' })
    expect(queue.opts.telemetry).toBe(telemetry)
    await queue.add('receipt', {})
    const [job] = await queue.getJobs()
    expect(job?.opts).not.toHaveProperty('telemetry')
  })
})

describe.each(majors)('%s: inside a processor', (_, bullmq) => {
  it('what is captured by hand carries the job and the request', async () => {
    await using stage = new Stage(bullmq, redis, { release: 'one' })
    const queue = stage.queue()
    stage.worker(async job => {
      const analytics = jobAnalytics(job)
      analytics.capture('receipt_printed', { pages: 2, task_name: 'another' })
      analytics.captureException(new RangeError('a detail'), { page: 2 })
    })
    await using front = await openFront(stage.ear, () => queue.add('receipt', {}))
    const { request_id } = await front.order(7)
    await stage.ear.until(events => events.some(isEnd))

    const { client } = stage.ear
    const ties = {
      request_id,
      user_id: 'user_7',
      task_name: 'receipt',
      task_id: '1',
      queue: stage.name,
      attempt: 1,
      enqueued_release: 'one',
    }
    expect(client.named('receipt_printed').map(properties)).toEqual([
      expect.objectContaining({ ...ties, pages: 2 }),
    ])
    expect(client.named('exception').map(properties)).toEqual([
      expect.objectContaining({
        ...ties,
        exception_type: 'RangeError',
        mechanism: 'manual',
        handled: true,
        page: 2,
      }),
    ])
  })

  it('an error reported by hand and then thrown is one failed task', async () => {
    await using stage = new Stage(bullmq, redis)
    stage.worker(async job => {
      const error = new RangeError('no')
      jobAnalytics(job).captureException(error, { page: 2 })
      jobAnalytics(job).captureException(new Error('another'))
      throw error
    })
    await stage.queue().add('receipt', {})
    await stage.ear.until(events => events.some(isEnd))
    const { client } = stage.ear
    expect(client.named('exception').map(({ properties }) => properties.exception_message)).toEqual([
      'another',
    ])
    expect(client.named('task_failed').map(properties)).toEqual([
      expect.objectContaining({ exception_message: 'no', page: 2 }),
    ])
  })

  it('an error reported by hand is told even where the job ends in silence', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    const run = new EventEmitter()
    const worker = stage.worker(async (job, token) => {
      run.emit('begun')
      jobAnalytics(job).captureException(new RangeError('a detail'))
      await job.moveToDelayed(Date.now() + 3_600_000, token)
      throw new bullmq.DelayedError()
    })
    const begun = once(run, 'begun')
    await queue.add('receipt', {})
    await begun
    await worker.close()
    expect(stage.ear.client.named('exception')).toHaveLength(1)
  })

  it('for a job of no instrumented worker the verbs do nothing', () => {
    expect(() => {
      jobAnalytics({}).capture('nothing')
      jobAnalytics({}).captureException(new Error('nothing'))
    }).not.toThrow()
  })
})

const properties = ({ properties }: AnalyticsEvent): Record<string, unknown> => properties

function thread({ properties: { task_name, request_id, user_id } }: AnalyticsEvent): unknown[] {
  return [task_name, request_id, user_id]
}
