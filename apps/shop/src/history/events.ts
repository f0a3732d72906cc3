import { createHash } from 'node:crypto'
import {
  type AnalyticsEvent,
  type ApiRequestProperties,
  type ExceptionProperties,
  newId,
  type PageviewProperties,
  type RequestProperties,
} from '@justanalytics/core/event'
import type { Step, Visit } from '../traffic/plan.js'
import { hex, type Random } from '../traffic/random.js'
import { isPage, pathOf, routeOf } from '../traffic/visit.js'
import { userOf } from '../users.js'
import type { Fault } from './faults.js'

/** Who tells an event. */
export interface Origin {
  siteId: string
  service: string
  environment: string
  release: string
}

/** The events that one request leaves: its own, and an exception where the shop failed. */
export function eventsOf(
  step: Step,
  visit: Visit,
  at: { time: number; cart: string; signedIn: boolean },
  origin: Origin,
  fault: Fault | undefined,
  random: Random,
): AnalyticsEvent[] {
  const { siteId, ...told } = origin
  const route = routeOf(step)
  const user = at.signedIn && visit.visitor.email ? userOf(visit.visitor.email).id : null
  const shared: RequestProperties = {
    ...told,
    path: pathOf(step, at.cart),
    method: route?.method ?? 'GET',
    status_code: step.leaves === 'unanswered' ? null : step.status,
    duration_ms: Math.round((route?.typical ?? 1) * spread(random) * 100) / 100,
    ...(route && { route: route.pattern }),
    outcome: step.leaves ? 'client_abort' : 'ok',
    request_id: newId(at.time),
    trace_id: hex(random, 32),
    visitor_id: visitorId(visit, at.time),
    navigation: isPage(step) && !visit.visitor.bot && !step.prefetch,
  }
  const events = [event(siteId, at.time, ...requestOf(step, visit, user, shared))]
  if (fault) events.push(event(siteId, at.time, 'exception', exceptionOf(shared, user, fault)))
  return events
}

function requestOf(
  step: Step,
  visit: Visit,
  user: string | null,
  shared: RequestProperties,
): [name: string, properties: PageviewProperties | ApiRequestProperties] {
  const query = new URLSearchParams(step.query)
  const route = routeOf(step)
  if (isPage(step)) {
    const campaign = query.get('utm_campaign')
    return [
      'pageview',
      {
        ...shared,
        user_id: user,
        referrer: null,
        user_agent: visit.visitor.userAgent,
        ...(campaign && { utm_source: query.get('utm_source') ?? '', utm_campaign: campaign }),
      },
    ]
  }
  return [
    'api_request',
    {
      ...shared,
      ...(user !== null && { user_id: user }),
      viewset: route?.viewset ?? null,
      action: route?.action ?? null,
      query_params: Object.fromEntries(query),
    },
  ]
}

function exceptionOf(request: RequestProperties, user: string | null, fault: Fault): ExceptionProperties {
  const { status_code, outcome: _outcome, navigation: _navigation, user_id: _user, ...shared } = request
  return {
    ...shared,
    ...(status_code !== null && { status_code }),
    ...(user && { user_id: user }),
    ...fault.facts,
    mechanism: fault.mechanism,
    handled: true,
  }
}

export function event(siteId: string, time: number, name: string, properties: object): AnalyticsEvent {
  return {
    site_id: siteId,
    event: name,
    event_id: newId(time),
    timestamp: new Date(time).toISOString(),
    properties: { ...properties },
  }
}

/** Most answers are near what is usual, a few take three times as long. */
function spread(random: Random): number {
  const one = random()
  return 0.7 + one * 0.6 + (one > 0.97 ? 2 : 0)
}

function visitorId({ visitor }: Visit, time: number): string {
  const day = new Date(time).toISOString().slice(0, 10)
  return createHash('sha256')
    .update(`${day} ${visitor.address} ${visitor.userAgent}`)
    .digest('hex')
    .slice(0, 32)
}
