import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { API_KEY, SITE_ID, Sink } from '@justanalytics/conformance'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instrumentWorker } from '../src/index.js'
import { majors } from './majors.js'
import { Redis } from './redis.js'
import { isEnd, Stage } from './stage.js'

let redis: Redis
beforeAll(async () => {
  redis = await Redis.start()
})
afterAll(() => redis.stop())

const packages: Record<string, string> = { 'BullMQ 5': 'bullmq-5', 'BullMQ 6': 'bullmq' }

/** A worker process is killed in the middle of a job. */
async function stall(major: string, queue: string): Promise<void> {
  const file = join(import.meta.dirname, 'fixtures/stalling.mjs')
  const child = fork(file, [packages[major] ?? '', queue, String(redis.port)])
  await once(child, 'message')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

describe.each(majors)('%s: the life of a worker', (major, bullmq) => {
  it('a job whose worker was killed is told once, by the worker that ends it', async () => {
    await using stage = new Stage(bullmq, redis)
    await stage.queue().add('receipt', {})
    await stall(major, stage.name)
    stage.worker(async () => {}, { stalledInterval: 50 })
    const events = await stage.ear.until(events => events.some(isEnd))
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ event: 'task_completed', properties: { attempt: 1 } })
    // How long it waited was known to the one that was killed.
    expect(events[0]?.properties).not.toHaveProperty('wait_ms')
  })

  it('a job that stalled too often has failed for that', async () => {
    await using stage = new Stage(bullmq, redis)
    await stage.queue().add('receipt', {}, { attempts: 3 })
    await stall(major, stage.name)
    stage.worker(async () => {}, { stalledInterval: 50, maxStalledCount: 0 })
    const [event, ...others] = await stage.ear.until(events => events.some(isEnd))
    expect(others).toEqual([])
    expect(event?.event).toBe('task_failed')
    expect(event?.properties).toMatchObject({ task_name: 'receipt', final: true, reason: 'stalled' })
  })

  it('a job that stalled too often, as early releases of BullMQ 5 tell of it, and where it is gone already', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    const { id = '' } = await queue.add('receipt', {}, { delay: 3_600_000 })
    const worker = stage.worker(async () => {})
    const error = new Error('job stalled more than allowable limit')
    worker.emit('failed', await queue.getJob(id), error, 'active')
    worker.emit('failed', undefined, error, 'active')
    const failure = { duration_ms: null, queue: stage.name, final: true, reason: 'stalled' }
    expect(stage.ear.events.map(({ properties }) => properties)).toEqual([
      expect.objectContaining({ ...failure, task_name: 'receipt', task_id: id }),
      expect.objectContaining({ ...failure, task_name: null, task_id: null }),
    ])
    expect(stage.ear.events[1]?.properties).not.toHaveProperty('attempt')
  })

  it('a worker that is instrumented late tells of the job under way as of any other', async () => {
    await using stage = new Stage(bullmq, redis)
    const gate = new EventEmitter()
    const worker = stage.bareWorker(async () => {
      gate.emit('begun')
      await once(gate, 'open')
      throw new Error('no')
    })
    const begun = once(gate, 'begun')
    await stage.queue().add('receipt', {})
    await begun
    instrumentWorker(worker, { client: stage.ear.client })
    gate.emit('open')
    const events = await stage.ear.until(events => events.some(isEnd))
    expect(events[0]?.properties).toMatchObject({ attempt: 1, reason: 'exhausted' })
  })

  it('worker.close() lets the running job end and delivers everything', async () => {
    await using stage = new Stage(bullmq, redis)
    const sink = await Sink.open()
    const gate = new EventEmitter()
    const worker = stage.bareWorker(async () => {
      gate.emit('begun')
      await once(gate, 'open')
    })
    instrumentWorker(worker, {
      apiKey: API_KEY,
      siteId: SITE_ID,
      endpoint: sink.url,
      flushInterval: 3_600_000,
    })
    const begun = once(gate, 'begun')
    await stage.bareQueue().add('receipt', {})
    await begun
    const closed = worker.close()
    gate.emit('open')
    await closed
    expect(sink.events.map(({ event }) => event)).toEqual(['task_completed'])
    expect(sink.problems).toEqual([])
    await sink.close()
  })

  it('1,000 jobs at concurrency 50: one event an attempt', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    stage.worker(
      async job => {
        if (job.data.number % 4 === 0 && job.attemptsMade === 0) throw new Error('not at once')
      },
      { concurrency: 50 },
    )
    const jobs = Array.from({ length: 1000 }, (_, number) => ({
      name: 'stock',
      data: { number },
      opts: { attempts: 2 },
    }))
    const added = await queue.addBulk(jobs)
    const events = await stage.ear.until(events => events.filter(isEnd).length === 1000)
    const told = events.map(({ event, properties }) => `${properties.task_id} ${properties.attempt} ${event}`)
    const expected = added.flatMap(({ id, data }) =>
      data.number % 4 === 0 ? [`${id} 1 task_failed`, `${id} 2 task_completed`] : [`${id} 1 task_completed`],
    )
    expect(told.sort()).toEqual(expected.sort())
  })
})

describe.each(majors)('%s: Redis restarted in the middle', (_, bullmq) => {
  it('one event an attempt', async () => {
    const own = await Redis.start()
    const stage = new Stage(bullmq, own)
    const queue = stage.queue()
    const gate = new EventEmitter().setMaxListeners(0)
    let begun = 0
    stage.worker(
      async () => {
        if (begun === 20) return
        begun++
        gate.emit('begun')
        await once(gate, 'open')
      },
      { concurrency: 20, runRetryDelay: 50 },
    )
    await queue.addBulk(Array.from({ length: 100 }, () => ({ name: 'stock', data: {} })))
    while (begun < 20) await once(gate, 'begun')

    await own.down()
    gate.emit('open')
    await own.up()
    const events = await stage.ear.until(events => events.filter(isEnd).length >= 100)
    expect(events.map(({ event, properties }) => `${event} ${properties.task_id}`).sort()).toEqual(
      Array.from({ length: 100 }, (_, index) => `task_completed ${index + 1}`).sort(),
    )
    await stage[Symbol.asyncDispose]()
    await own.stop()
  })
})
