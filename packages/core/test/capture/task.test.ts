import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readThread } from '../../src/capture/context.js'
import { createTaskCapture, type TaskOptions } from '../../src/capture/task.js'
import type { Task } from '../../src/capture/task-event.js'
import { createRecorder, type Recorder } from '../../src/testing.js'

const BEGUN = Date.UTC(2026, 10, 22, 3)

const task: Task = {
  name: 'receipt',
  id: '7',
  queue: 'mails',
  attempt: 2,
  maxAttempts: 3,
  begun: BEGUN,
  thread: { request_id: 'r', trace_id: 't', user_id: 'u', visitor_id: 'v', release: 'one' },
}

function begin(overrides: Partial<Task> = {}, recorder: Recorder = createRecorder({ release: 'two' })) {
  const tasks = createTaskCapture('bullmq', { client: recorder })
  return { recorder, tasks, record: tasks.begin({ ...task, ...overrides }) }
}

const ABOUT = {
  task_name: 'receipt',
  task_id: '7',
  queue: 'mails',
  attempt: 2,
  max_attempts: 3,
  request_id: 'r',
  trace_id: 't',
  user_id: 'u',
  visitor_id: 'v',
  enqueued_release: 'one',
  release: 'two',
}

describe('one attempt', () => {
  it('that succeeds', () => {
    const { recorder, record } = begin()
    record.complete(12.3456)
    const [event, ...others] = recorder.events
    expect(others).toEqual([])
    expect(event).toMatchObject({
      event: 'task_completed',
      timestamp: '2026-11-22T03:00:00.000Z',
      properties: {
        ...ABOUT,
        state: 'completed',
        duration_ms: 12.35,
        sdk: expect.stringMatching(/^bullmq\//),
      },
    })
    expect(event?.properties).not.toHaveProperty('wait_ms')
  })

  it('that fails', () => {
    const { recorder, record } = begin()
    record.fail(new RangeError('no', { cause: new TypeError('deep') }), 5, 'error')
    expect(recorder.events).toHaveLength(1)
    expect(recorder.events[0]).toMatchObject({
      event: 'task_failed',
      properties: {
        ...ABOUT,
        exception_type: 'RangeError',
        exception_message: 'no',
        traceback: expect.stringMatching(/^RangeError: no\n/),
        causes: [{ exception_type: 'TypeError', exception_message: 'deep' }],
        duration_ms: 5,
        final: false,
        reason: 'error',
      },
    })
  })

  it.each(['exhausted', 'unrecoverable', 'backoff_stop', 'stalled', 'child_failed'] as const)(
    '%s is final',
    reason => {
      const { recorder, record } = begin()
      record.fail(new Error('no'), null, reason)
      expect(recorder.events[0]?.properties).toMatchObject({ final: true, reason, duration_ms: null })
    },
  )

  it('the first end counts', () => {
    const { recorder, record } = begin()
    record.complete(1)
    record.fail(new Error('late'), 2, 'exhausted')
    record.complete(3)
    expect(recorder.events.map(({ event }) => event)).toEqual(['task_completed'])
  })

  it('nothing unknown is made up, and a clock that was set back makes nothing negative', () => {
    const { recorder, record } = begin({ name: null, id: null, wait: -4, thread: undefined })
    record.complete(-3)
    const { properties = {} } = recorder.events[0] ?? {}
    expect(properties).toMatchObject({ task_name: null, task_id: null, duration_ms: 0, wait_ms: 0 })
    for (const name of ['request_id', 'trace_id', 'user_id', 'visitor_id', 'enqueued_release']) {
      expect(properties).not.toHaveProperty(name)
    }
  })

  it('a storm of failures is one event each: an attempt is counted by its event', () => {
    const recorder = createRecorder()
    for (let count = 0; count < 30; count++) begin({}, recorder).record.fail(new Error('no'), 1, 'error')
    expect(recorder.named('task_failed')).toHaveLength(30)
    expect(recorder.stats().dropped).toEqual({})
  })

  it('a disabled client has nothing to tell', () => {
    const tasks = createTaskCapture('bullmq', { logger: { warn() {} } })
    expect(tasks.enabled).toBe(false)
    const record = tasks.begin(task)
    record.capture('nothing')
    record.fail(new Error('no'), 1, 'error')
    expect(tasks.client.stats().captured).toBe(0)
  })
})

describe('an exception reported by hand', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const told = (recorder: Recorder): string[] =>
    recorder.events.map(({ event, properties }) => `${event} ${properties.exception_message ?? ''}`.trim())

  it('waits for the end of its attempt', () => {
    const { recorder, record } = begin()
    record.captureException(new Error('a detail'), { page: 2 })
    expect(told(recorder)).toEqual([])
    record.complete(1)
    expect(told(recorder)).toEqual(['task_completed', 'exception a detail'])
    expect(recorder.events[1]?.properties).toMatchObject({
      request_id: 'r',
      user_id: 'u',
      task_name: 'receipt',
      task_id: '7',
      attempt: 2,
      mechanism: 'manual',
      handled: true,
      page: 2,
    })
  })

  it('but not for long', () => {
    const { recorder, record } = begin()
    record.captureException(new Error('one'))
    vi.advanceTimersByTime(3000)
    record.captureException(new Error('another'))
    vi.advanceTimersByTime(2000)
    expect(told(recorder)).toEqual(['exception one'])
    vi.advanceTimersByTime(3000)
    expect(told(recorder)).toEqual(['exception one', 'exception another'])
  })

  it('is part of the failed task that throws it', () => {
    const { recorder, record } = begin()
    const error = new Error('no')
    record.captureException(error, { page: 2, reason: 'mine' })
    record.captureException(new Error('another'))
    record.fail(error, 1, 'exhausted')
    expect(told(recorder)).toEqual(['task_failed no', 'exception another'])
    expect(recorder.events[0]?.properties).toMatchObject({ page: 2, reason: 'exhausted' })
  })

  it('is told as it was when it was reported', () => {
    const { recorder, record } = begin()
    const error = new Error('before')
    const properties = { page: 2 }
    record.captureException(error, properties)
    error.message = 'after'
    properties.page = 3
    record.complete(1)
    expect(recorder.named('exception')[0]?.properties).toMatchObject({ exception_message: 'before', page: 2 })
  })

  it('of another attempt is none of its business', () => {
    const recorder = createRecorder()
    const tasks = createTaskCapture('bullmq', { client: recorder })
    const [one, another] = [tasks.begin(task), tasks.begin(task)]
    const error = new Error('no')
    one.captureException(error)
    another.fail(error, 1, 'error')
    expect(told(recorder)).toEqual(['task_failed no'])
    one.complete(1)
    expect(told(recorder)).toEqual(['task_failed no', 'task_completed', 'exception no'])
  })

  it('is told at once where the attempt is over, where there are too many, and on closing', async () => {
    const { recorder, record, tasks } = begin()
    for (let count = 0; count < 51; count++) record.captureException(new Error(`detail ${count}`))
    expect(told(recorder)).toEqual(['exception detail 0'])
    await tasks.close()
    expect(recorder.events).toHaveLength(51)
    record.complete(1)
    record.captureException(new Error('late'))
    expect(told(recorder).slice(51)).toEqual(['task_completed', 'exception late'])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('options', () => {
  it.each([
    ['an option of other adapters', { user: () => 7 }, /Expected `user` to be left out/],
    ['a wrong value', { flushAt: 0 }, /Expected `flushAt`/],
    ['a client that is none', { client: 7 }, /Expected `client` to be a client/],
    [
      'options beside a client',
      { client: createRecorder(), release: 'one' },
      /Expected `release` to be left out/,
    ],
  ])('%s', (_, options, sentence) => {
    expect(() => createTaskCapture('bullmq', options as TaskOptions)).toThrow(sentence)
  })
})

describe('a thread that has come a long way', () => {
  it.each([
    [{ request_id: 'r', user_id: 7, visitor_id: '', more: 'x' }, { request_id: 'r' }],
    [{ release: 'x'.repeat(2000) }, { release: expect.stringMatching(/^x{999}…$/) }],
    [{}, {}],
    ['a word', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('%j', (given, read) => {
    expect(readThread(given)).toEqual(read)
  })
})
