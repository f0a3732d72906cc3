import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { carryThreads, currentThread, type Threaded, within } from '../../src/capture/context.js'
import { createThreadSource } from '../../src/capture/task.js'
import { createRecorder } from '../../src/testing.js'

const from = (request_id: string): Threaded => ({ thread: () => ({ request_id, release: 'of the request' }) })

it('nobody is followed until somebody asks', () => {
  expect(within(from('a'), () => currentThread())).toBeUndefined()
})

it('each origin is followed through what it awaits, and only there', async () => {
  carryThreads(() => new AsyncLocalStorage())
  carryThreads(() => {
    throw new Error('One a process is enough.')
  })
  const later = async (): Promise<string | undefined> => {
    await setImmediate()
    return currentThread()?.request_id
  }
  const outside = within(from('a'), () => within(undefined, later))
  expect(await Promise.all([within(from('a'), later), within(from('b'), later), outside, later()])).toEqual([
    'a',
    'b',
    undefined,
    undefined,
  ])
})

it('an origin that cannot tell is none', () => {
  const origin: Threaded = {
    thread() {
      throw new Error('no')
    },
  }
  expect(within(origin, () => currentThread())).toBeUndefined()
})

it('what is enqueued bears the release of who enqueues it', () => {
  const source = (options: object) => createThreadSource(() => new AsyncLocalStorage(), options)
  const thread = source({ client: createRecorder({ release: 'one' }) })
  expect(thread?.()).toEqual({ release: 'one' })
  expect(within(from('a'), () => thread?.())).toEqual({ request_id: 'a', release: 'one' })
  expect(source({ apiKey: 'key', siteId: 'site', release: 'two' })?.()).toEqual({ release: 'two' })
  expect(source({ apiKey: '', siteId: 'site' })).toBeUndefined()
})
