import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Questions } from '@justanalytics/shop/run'
import { isPage, type Made, planVisit } from '@justanalytics/shop/traffic'
import { describe, expect, it } from 'vitest'
import { lookAt } from '../src/findings.js'
import { lookAtJobs } from '../src/jobs.js'

const FROM = new Date('2024-05-01')

let ids = 0
function event(name: string, properties: object): AnalyticsEvent {
  const event_id = `event-${++ids}`
  return {
    site_id: 'shop',
    event: name,
    event_id,
    timestamp: FROM.toISOString(),
    properties: { ...properties },
  }
}
const job = (task_id: string) => ({ queue: 'receipts', task_id })
const done = (id: string) => event('task_completed', job(id))
const failed = (id: string, final: boolean, more = {}) =>
  event('task_failed', { ...job(id), final, exception_type: 'MailError', ...more })

/** A collector that holds these events. */
function holding(events: AnalyticsEvent[]): Questions {
  const unasked = () => Promise.reject(new Error('not asked'))
  return {
    events: async name => events.filter(each => each.event === name),
    verdict: async () => ({ state: 'quiet', strength: null, release: null, sentence: 'All is quiet.' }),
    request: unasked,
    job: unasked,
    count: unasked,
  }
}

describe('lookAtJobs', () => {
  const told = [done('1'), failed('2', false), done('2'), failed('3', false), failed('3', true)]

  it('finds nothing wrong where every attempt is stored once', async () => {
    const found = await lookAtJobs({ attempts: 5, finished: 3, open: 0 }, holding(told), FROM)
    expect(found).toMatchObject({ made: 5, stored: 5, problems: [] })
    expect(found.failures).toHaveLength(3)
  })

  it.each([
    [
      'an attempt is missing',
      { attempts: 6, finished: 3, open: 0 },
      told,
      '6 attempts at jobs were made, 5 are stored',
    ],
    [
      'an end is missing',
      { attempts: 5, finished: 4, open: 0 },
      told,
      '4 jobs came to an end, 3 ends are stored',
    ],
    ['a job is not done', { attempts: 5, finished: 3, open: 2 }, told, '2 jobs are not done'],
    [
      'a job ended twice',
      { attempts: 2, finished: 2, open: 0 },
      [done('1'), done('1')],
      '1 jobs ended twice',
    ],
  ])('says that %s', async (_, counts, events, problem) => {
    expect((await lookAtJobs(counts, holding(events), FROM)).problems).toEqual([problem])
  })
})

describe('a letter that cannot be sent', () => {
  const visit = planVisit(() => 0.5)
  const visitor = { ...visit.visitor, email: 'visitor60@localhost' }
  const made: Made = {
    step: { to: 'pay', status: 200 },
    visit: { ...visit, visitor },
    origin: 'http://127.0.0.1:1',
    path: '/checkout/c/pay',
    traceId: 'trace-1',
    status: 200,
    body: '',
  }
  const request = event(isPage(made.step) ? 'pageview' : 'api_request', { trace_id: 'trace-1' })
  const counts = { attempts: 1, finished: 1, open: 0 }

  it.each([
    ['an exception', [event('exception', { trace_id: 'trace-1' })], undefined, []],
    ['the failure of its job', [failed('1', true, { trace_id: 'trace-1' })], counts, []],
    ['neither', [], undefined, ['1 faults were met, 0 exceptions are told of']],
    [
      'another’s failed job',
      [failed('1', true, { trace_id: 'trace-2' })],
      counts,
      ['1 faults were met, 0 exceptions are told of'],
    ],
  ])('is told by %s', async (_, events, jobs, problems) => {
    const found = await lookAt([made], jobs, holding([request, ...events]), FROM)
    expect(found.problems).toEqual(problems)
  })
})
