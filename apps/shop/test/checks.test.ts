import type { AnalyticsEvent } from '@justanalytics/core/event'
import { describe, expect, it } from 'vitest'
import { checkExceptions, checkRequests, createBalancer, matchRequests } from '../src/run/index.js'
import type { Made, Step } from '../src/traffic/index.js'

const TOLD = { release: 'shop@1', environment: 'test', service: 'shop', sdk: 'fastify' }
const visitor = { address: '198.51.100.1', userAgent: 'Browser/1', bot: false, email: null }

function made(step: Step, traceId: string): Made {
  const path = step.to === 'home' ? '/' : '/checkout/c1/pay'
  return { step, visit: { visitor, steps: [step] }, origin: '', path, traceId, status: step.status, body: '' }
}

function stored(changes: Record<string, unknown> = {}, event = 'pageview'): AnalyticsEvent {
  const properties = {
    path: '/',
    method: 'GET',
    route: '/',
    status_code: 200,
    outcome: 'ok',
    user_id: null,
    navigation: true,
    user_agent: 'Browser/1',
    request_id: 'r1',
    trace_id: 't1',
    ...TOLD,
    sdk: 'fastify/1.2.3',
    ...changes,
  }
  return { site_id: 'shop', event, event_id: 'e', timestamp: '2026-11-22T12:00:00.000Z', properties }
}

const HOME = made({ to: 'home', status: 200 }, 't1')
const BROKEN = made({ to: 'home', status: 500 }, 't1')

describe('matchRequests', () => {
  it('pairs a request with its event', () => {
    const event = stored()
    expect(matchRequests([HOME], [event])).toEqual({ pairs: [{ made: HOME, event }], problems: [] })
  })

  it.each([
    ['a lost one', [], 'GET / (trace t1) is 0 stored events'],
    ['a doubled one', [stored(), stored()], 'GET / (trace t1) is 2 stored events'],
    [
      'one nobody made',
      [stored(), stored({ trace_id: 't2' })],
      'a pageview of GET / is stored that nobody made',
    ],
  ])('tells of %s', (_, events, problem) => {
    expect(matchRequests([HOME], events).problems).toEqual([problem])
  })
})

describe('checkRequests', () => {
  const check = (event: AnalyticsEvent) => checkRequests([{ made: HOME, event }], TOLD)

  it('is content with the truth', () => expect(check(stored())).toEqual([]))

  it.each([
    ['status_code', 500],
    ['route', '/:page'],
    ['user_id', 'u_1'],
    ['outcome', 'client_abort'],
    ['release', 'shop@2'],
    ['sdk', 'koa/1.2.3'],
    ['navigation', false],
  ])('tells of a wrong %s', (name, value) => {
    expect(check(stored({ [name]: value }))).toEqual([expect.stringContaining(`${name} is `)])
  })

  it('tells a page from the API', () => {
    expect(check(stored({}, 'api_request'))).toEqual([expect.stringContaining('event is "api_request"')])
  })
})

describe('checkExceptions', () => {
  const exception = (changes: Record<string, unknown> = {}) =>
    stored({ mechanism: 'request', ...changes }, 'exception')
  const pairs = [{ made: BROKEN, event: stored({ status_code: 500 }) }]

  it('is content with one of the same request', () => {
    expect(checkExceptions(pairs, [exception()])).toEqual([])
    expect(checkExceptions([{ made: HOME, event: stored() }], [])).toEqual([])
  })

  it.each([
    ['none', pairs, [], 'no exception, expected request'],
    ['two', pairs, [exception(), exception()], 'request and request exception, expected request'],
    ['one too many', [{ made: HOME, event: stored() }], [exception()], 'request exception, expected none'],
    ['another release', pairs, [exception({ release: 'shop@2' })], 'its exception has another release'],
    ['one of nobody', pairs, [exception(), exception({ request_id: 'r2' })], 'a request r2 that nobody made'],
  ])('tells of %s', (_, pairs, exceptions, problem) => {
    expect(checkExceptions(pairs, exceptions)).toEqual([expect.stringContaining(problem)])
  })
})

describe('createBalancer', () => {
  it('spreads visits, and drains a place once its last visit has ended', async () => {
    const balancer = createBalancer()
    balancer.add('a')
    balancer.add('b')
    const seats = [balancer.seat(), balancer.seat(), balancer.seat()]
    expect(seats.map(({ origin }) => origin)).toEqual(['a', 'b', 'a'])
    let drained = false
    const draining = balancer.drain('a').then(() => (drained = true))
    expect(balancer.seat().origin).toBe('b')
    seats[0]?.leave()
    await Promise.resolve()
    expect(drained).toBe(false)
    seats[2]?.leave()
    await draining
  })

  it('has no seat where nothing serves', () => {
    expect(() => createBalancer().seat()).toThrow('No instance serves')
  })
})
