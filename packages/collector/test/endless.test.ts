import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, createCollector } from '../src/index.js'
import { ask, KEY, makeEvent, SITE, send, temporaryFolder } from './helpers.js'
import { failed, made } from './made-jobs.js'

let collector: Collector

beforeAll(async () => {
  collector = await createCollector({ port: 0, data: temporaryFolder(afterAll), site: SITE, key: KEY })
})
afterAll(() => collector.close())

type Item = Record<string, unknown>

describe('a request whose job never ends', () => {
  const enqueued = makeEvent(
    { request_id: 'request-9' },
    { event: 'api_request', timestamp: '2024-09-01T00:00:00.000Z' },
  )
  const thrown = made('exception', '00:00:00.000', { request_id: 'request-9', exception_type: 'Error' })
  const at = (n: number) => new Date(Date.UTC(2024, 8, 1) + n * 100).toISOString().slice(11, -1)
  const endless = { task_name: 'endless', task_id: 'endless', queue: 'q', request_id: 'request-9' }
  const attempts = Array.from({ length: 1001 }, (_, n) => failed(at(n), { ...endless, attempt: n + 1 }))
  const newest = (count: number) => Array.from({ length: count }, (_, n) => 1002 - count + n)
  const numbers = (job: unknown) => (job as { attempts: Item[] }).attempts.map(({ attempt }) => attempt)

  beforeAll(async () => {
    const events = [enqueued, thrown, ...attempts]
    for (let n = 0; n < events.length; n += 500) await send(collector.url, events.slice(n, n + 500))
  })

  it('is shown with as many of the newest attempts as an answer holds, which says that there are more', async () => {
    const { body } = await ask(`${collector.url}/api/v1/requests/request-9`)
    expect(body).toMatchObject({ request: enqueued, exceptions: [thrown], truncated: true })
    expect(numbers((body.jobs as Item[])[0])).toEqual(newest(998))
  })

  it('is found from the job, which shows its newest 1,000 attempts', async () => {
    const { body } = await ask(`${collector.url}/api/v1/jobs/endless`)
    expect(body).toMatchObject({ request: enqueued, truncated: true })
    expect(numbers(body)).toEqual(newest(1000))
  })
})
