import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { majors } from './majors.js'
import { Redis } from './redis.js'
import { isEnd, Stage } from './stage.js'

let redis: Redis
beforeAll(async () => {
  redis = await Redis.start()
})
afterAll(() => redis.stop())

describe.each(majors)('%s: flows', (_, bullmq) => {
  it('a parent that fails because of a child says so', async () => {
    await using stage = new Stage(bullmq, redis)
    let ran = 0
    stage.worker(async ({ name }) => {
      if (name === 'parent') ran++
      else throw new TypeError('spoilt')
    })
    await stage.flows().add({
      name: 'parent',
      queueName: stage.name,
      opts: { attempts: 3 },
      children: [{ name: 'child', queueName: stage.name, opts: { failParentOnFailure: true } }],
    })

    const [child, parent, ...others] = await stage.ear.until(events => events.filter(isEnd).length === 2)
    expect(others).toEqual([])
    expect(child?.properties).toMatchObject({
      task_name: 'child',
      reason: 'exhausted',
      exception_type: 'TypeError',
    })
    expect(parent?.event).toBe('task_failed')
    expect(parent?.properties).toMatchObject({
      task_name: 'parent',
      final: true,
      reason: 'child_failed',
      attempt: 1,
      max_attempts: 3,
    })
    expect(ran).toBe(0)
  })

  it('a parent that ends while its child has failed says so', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    const { ear } = stage
    stage.worker(
      async job => {
        if (job.name === 'child') throw new TypeError('spoilt')
        const parent = { id: job.id as string, queue: job.queueQualifiedName }
        await queue.add('child', {}, { parent, failParentOnFailure: true })
        await ear.until(events => events.length === 1)
      },
      { concurrency: 2 },
    )
    await queue.add('parent', {})
    const [, parent, ...others] = await ear.until(events => events.filter(isEnd).length === 2)
    expect(others).toEqual([])
    expect(parent?.properties).toMatchObject({ task_name: 'parent', final: true, reason: 'child_failed' })
  })

  it('WaitingChildrenError is no failure', async () => {
    await using stage = new Stage(bullmq, redis)
    const queue = stage.queue()
    stage.worker(async (job, token = '') => {
      if (job.name === 'child' || job.attemptsStarted > 1) return
      await queue.add('child', {}, { parent: { id: job.id as string, queue: job.queueQualifiedName } })
      if (await job.moveToWaitingChildren(token)) throw new bullmq.WaitingChildrenError()
    })
    await queue.add('parent', {})
    const events = await stage.ear.until(events => events.filter(isEnd).length === 2)
    expect(events.map(({ event, properties }) => [event, properties.task_name, properties.attempt])).toEqual([
      ['task_completed', 'child', 1],
      ['task_completed', 'parent', 1],
    ])
  })
})
