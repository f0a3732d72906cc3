import { setTimeout } from 'node:timers/promises'
import type { AnalyticsEvent } from '@justanalytics/core'
import type { JobsOptions, Processor, Queue, WorkerOptions } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BullMQ, majors } from './majors.js'
import { Redis } from './redis.js'
import { isEnd, Stage } from './stage.js'

let redis: Redis
beforeAll(async () => {
  redis = await Redis.start()
})
afterAll(() => redis.stop())

interface Attempts {
  readonly title: string
  readonly job?: JobsOptions
  readonly worker?: Partial<WorkerOptions>
  processor(bullmq: BullMQ, queue: Queue): Processor
  /** One for each attempt, in short. */
  readonly told: Record<string, unknown>[]
}

class Declined extends Error {}

function always(error: () => unknown): Processor {
  return async () => {
    throw error()
  }
}

const cases: Attempts[] = [
  {
    title: 'a job that succeeds',
    processor: () => async () => 'done',
    told: [
      {
        event: 'task_completed',
        state: 'completed',
        attempt: 1,
        max_attempts: 1,
        wait_ms: expect.any(Number),
      },
    ],
  },
  {
    title: '`attempts: 0` means one attempt',
    job: { attempts: 0 },
    processor: () => always(() => new Error('no')),
    told: [{ event: 'task_failed', attempt: 1, max_attempts: 1, final: true, reason: 'exhausted' }],
  },
  {
    title: 'retries until it succeeds',
    job: { attempts: 3 },
    processor: () => async job => {
      if (job.attemptsMade < 2) throw new Declined('not yet')
    },
    told: [
      { event: 'task_failed', attempt: 1, final: false, reason: 'error', wait_ms: expect.any(Number) },
      { event: 'task_failed', attempt: 2, final: false, reason: 'error', wait_ms: undefined },
      { event: 'task_completed', attempt: 3, max_attempts: 3, wait_ms: undefined },
    ],
  },
  {
    title: 'retries until they are exhausted, with a backoff',
    job: { attempts: 2, backoff: { type: 'fixed', delay: 10 } },
    processor: () => always(() => new Declined('no')),
    told: [
      { event: 'task_failed', attempt: 1, final: false, reason: 'error', exception_type: 'Declined' },
      { event: 'task_failed', attempt: 2, final: true, reason: 'exhausted', exception_message: 'no' },
    ],
  },
  {
    title: 'an UnrecoverableError',
    job: { attempts: 5 },
    processor: ({ UnrecoverableError }) => always(() => new UnrecoverableError('never')),
    told: [{ event: 'task_failed', attempt: 1, max_attempts: 5, final: true, reason: 'unrecoverable' }],
  },
  {
    title: 'an error made from UnrecoverableError',
    job: { attempts: 5 },
    processor: ({ UnrecoverableError }) =>
      always(() => new (class Void extends UnrecoverableError {})('never')),
    told: [{ event: 'task_failed', final: true, reason: 'unrecoverable', exception_type: 'Void' }],
  },
  {
    title: 'an UnrecoverableError at the last attempt',
    processor: ({ UnrecoverableError }) => always(() => new UnrecoverableError('never')),
    told: [{ event: 'task_failed', attempt: 1, max_attempts: 1, final: true, reason: 'unrecoverable' }],
  },
  {
    title: 'a backoff of its own that stops',
    job: { attempts: 5, backoff: { type: 'custom' } },
    worker: { settings: { backoffStrategy: made => (made < 2 ? 0 : -1) } },
    processor: () => always(() => new Error('no')),
    told: [
      { event: 'task_failed', attempt: 1, final: false, reason: 'error' },
      { event: 'task_failed', attempt: 2, max_attempts: 5, final: true, reason: 'backoff_stop' },
    ],
  },
  {
    title: 'DelayedError is no failure',
    processor:
      ({ DelayedError }) =>
      async (job, token) => {
        if (job.attemptsStarted > 1) return
        await job.moveToDelayed(Date.now() + 10, token)
        throw new DelayedError()
      },
    told: [{ event: 'task_completed', attempt: 1, wait_ms: undefined }],
  },
  {
    title: 'a rate limit is no failure',
    processor:
      ({ Worker }, queue) =>
      async job => {
        if (job.attemptsStarted > 1) return
        await queue.rateLimit(10)
        throw Worker.RateLimitError()
      },
    told: [{ event: 'task_completed', attempt: 1, wait_ms: undefined }],
  },
  {
    title: 'something thrown that is no error',
    processor: () => always(() => 'a word'),
    told: [{ event: 'task_failed', exception_type: 'string', exception_message: 'a word', final: true }],
  },
  {
    title: 'an error with causes and a code',
    processor: () =>
      always(() =>
        Object.assign(new Declined('no', { cause: new RangeError('deep') }), { code: 'EDECLINED' }),
      ),
    told: [
      {
        event: 'task_failed',
        exception_type: 'Declined',
        code: 'EDECLINED',
        traceback: expect.stringMatching(/^Declined: no\n.*attempts\.test\.ts/s),
        causes: [expect.objectContaining({ exception_type: 'RangeError', exception_message: 'deep' })],
      },
    ],
  },
]

function flat({ event, properties }: AnalyticsEvent): Record<string, unknown> {
  return { event, ...properties }
}

describe.each(majors)('%s: one event an attempt', (_, bullmq) => {
  it.each(cases)('$title', async ({ job = {}, worker = {}, processor, told }) => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    stage.worker(processor(bullmq, queue), worker)
    const { id } = await queue.add('receipt', { for: 'somebody' }, job)

    const events = await stage.ear.until(events => events.some(isEnd))
    expect(events.map(flat)).toEqual(told.map(one => expect.objectContaining(defined(one))))
    for (const [index, one] of told.entries()) {
      const { event, timestamp, properties } = events[index] as AnalyticsEvent
      expect(properties).toMatchObject({
        task_name: 'receipt',
        task_id: id,
        queue: stage.name,
        duration_ms: expect.any(Number),
        sdk: expect.stringMatching(/^bullmq\//),
      })
      expect(properties.duration_ms).toBeGreaterThanOrEqual(0)
      expect(Date.now() - Date.parse(timestamp)).toBeLessThan(20_000)
      for (const name of Object.keys(one))
        if (one[name] === undefined) expect(properties).not.toHaveProperty(name)
      if (event === 'task_completed') expect(properties).not.toHaveProperty('reason')
    }
  })

  it('durations and waits are BullMQ’s own, the wait without the delay', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    stage.worker(() => setTimeout(20))
    const { id } = await queue.add('receipt', {}, { delay: 60 })
    const [{ timestamp, properties } = never()] = await stage.ear.until(events => events.some(isEnd))
    const job = await queue.getJob(id as string)
    const { processedOn = 0, finishedOn = 0 } = job ?? {}
    expect(properties).toMatchObject({
      duration_ms: finishedOn - processedOn,
      wait_ms: processedOn - (job?.timestamp ?? 0) - 60,
    })
    expect(Date.parse(timestamp)).toBe(processedOn)
  })

  it('more starts than the worker allows: the last attempt exhausts them', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    stage.worker(
      always(() => new Error('no')),
      { maxStartedAttempts: 2 },
    )
    await queue.add('receipt', {}, { attempts: 5 })
    const events = await stage.ear.until(events => events.some(isEnd))
    // BullMQ 5 starts it once more to say so.
    expect(events.length).toBeLessThanOrEqual(3)
    expect(events.map(({ properties }) => properties.attempt)).toEqual(events.map((_, index) => index + 1))
    expect(events.map(({ properties }) => properties.reason)).toEqual([
      ...events.slice(1).map(() => 'error'),
      'exhausted',
    ])
  })
})

function defined(one: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined))
}

function never(): never {
  throw new Error('There is no event.')
}
