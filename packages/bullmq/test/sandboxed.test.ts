import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { restored } from '../src/sandboxed.js'
import { majors } from './majors.js'
import { Redis } from './redis.js'
import { isEnd, Stage } from './stage.js'

let redis: Redis
beforeAll(async () => {
  redis = await Redis.start()
})
afterAll(() => redis.stop())

const processor = pathToFileURL(join(import.meta.dirname, 'fixtures/sandboxed.mjs'))

describe.each(majors)('%s: a sandboxed processor', (_, bullmq) => {
  it.each([false, true])(
    'with useWorkerThreads %s: one event each, errors by their own names',
    async threads => {
      await using stage = new Stage(bullmq, redis)
      const queue = stage.queue()
      stage.worker(processor, { useWorkerThreads: threads })
      await queue.addBulk(['fine', 'builtin', 'own', 'several', 'exit'].map(name => ({ name, data: {} })))

      const events = await stage.ear.until(events => events.filter(isEnd).length === 5)
      const byName = Object.fromEntries(events.map(event => [event.properties.task_name, event]))
      expect(events).toHaveLength(5)
      expect(byName.fine?.event).toBe('task_completed')
      expect(byName.builtin?.properties).toMatchObject({
        exception_type: 'TypeError',
        exception_message: expect.stringContaining('nothing'),
        traceback: expect.stringMatching(/^TypeError: .*sandboxed\.mjs/s),
        reason: 'exhausted',
      })
      expect(byName.own?.properties).toMatchObject({
        exception_type: 'Declined',
        exception_message: 'no',
        traceback: expect.stringMatching(/^Declined: no\n.*sandboxed\.mjs/s),
      })
      expect(byName.several?.properties).toMatchObject({ exception_type: 'AggregateError' })
      for (const event of events) expect(event.properties).not.toHaveProperty('causes')
      expect(byName.exit?.event).toBe('task_failed')
    },
  )
})

describe('an error out of a sandbox', () => {
  const cases: [string, Error, unknown][] = [
    ['gets its name back', crossed({ stack: 'TypeError: no\n    at x.js:1:1', message: 'no' }), 'TypeError'],
    [
      'a code in the header is none of it',
      crossed({ stack: 'TypeError [ERR_X]: no\n    at x.js:1:1' }),
      'TypeError',
    ],
    [
      'keeps a name it brought',
      crossed({ stack: 'Error: no\n    at x.js:1:1', name: 'Declined' }),
      'Declined',
    ],
    ['without a message', crossed({ stack: 'RangeError\n    at x.js:1:1' }), 'RangeError'],
    ['prose is no name', crossed({ stack: 'Something went wrong\n    at x.js:1:1' }), 'Error'],
    ['no stack at all', crossed({ stack: undefined }), 'Error'],
  ]
  it.each(cases)('%s', (_, error, name) => {
    expect((restored(error) as Error).name).toBe(name)
  })

  it('is not changed itself, and what needs nothing is passed on as it is', () => {
    const error = crossed({ stack: 'TypeError: no', cause: {} })
    expect(restored(error)).toMatchObject({ name: 'TypeError', cause: undefined })
    expect(error).toMatchObject({ name: 'Error', cause: {} })
    for (const other of [new TypeError('no'), new Error('no'), 'no', null, undefined])
      expect(restored(other)).toBe(other)
  })
})

/** As BullMQ puts an error together again. */
function crossed(properties: object): Error {
  return Object.assign(new Error(), properties)
}
