import type { AnalyticsEvent } from '@justanalytics/core/event'
import type { Made } from '../traffic/visit.js'
import { isPage, routeOf } from '../traffic/visit.js'
import { userOf } from '../users.js'

/** What an application says about itself on every event. */
export interface Told {
  release: string
  environment: string
  service: string
  /** The adapter's name; its version is not looked at. */
  sdk: string
}

/** Requests made and request events stored, matched by their trace. */
export interface Matched {
  pairs: { made: Made; event: AnalyticsEvent }[]
  /** One line for every request that is not exactly one event, and every event that nobody made. */
  problems: string[]
}

export function matchRequests(made: readonly Made[], stored: readonly AnalyticsEvent[]): Matched {
  const byTrace = groupBy(stored, event => event.properties.trace_id)
  const pairs: Matched['pairs'] = []
  const problems: string[] = []
  for (const one of made) {
    const events = byTrace.get(one.traceId) ?? []
    byTrace.delete(one.traceId)
    const [event] = events
    if (event && events.length === 1) pairs.push({ made: one, event })
    else problems.push(`${nameOf(one)} is ${events.length} stored events`)
  }
  for (const events of byTrace.values())
    for (const { event, properties } of events)
      problems.push(`a ${event} of ${properties.method} ${properties.path} is stored that nobody made`)
  return { pairs, problems }
}

/** Whether each event says of its request what is true; one line for each thing that is not. */
export function checkRequests(pairs: Matched['pairs'], told: Told): string[] {
  return pairs.flatMap(({ made, event }) => {
    const { properties } = event
    const expected = { event: isPage(made.step) ? 'pageview' : 'api_request', ...expectedOf(made), ...told }
    const actual: Record<string, unknown> = {
      ...properties,
      event: event.event,
      sdk: String(properties.sdk).split('/', 1)[0],
      user_id: properties.user_id ?? null,
    }
    const wrong = Object.entries(expected).filter(([name, value]) => actual[name] !== value)
    return wrong.map(
      ([name, value]) =>
        `${nameOf(made)}: ${name} is ${JSON.stringify(actual[name])}, expected ${JSON.stringify(value)}`,
    )
  })
}

/** Whether every fault is one exception of its request, and nothing else is. */
export function checkExceptions(pairs: Matched['pairs'], exceptions: readonly AnalyticsEvent[]): string[] {
  const byRequest = groupBy(exceptions, exception => exception.properties.request_id)
  const problems: string[] = []
  for (const { made, event } of pairs) {
    const found = byRequest.get(event.properties.request_id) ?? []
    byRequest.delete(event.properties.request_id)
    const expected = mechanismOf(made)
    const seen = found.map(exception => exception.properties.mechanism).join(' and ')
    if (seen !== (expected ?? ''))
      problems.push(`${nameOf(made)}: ${seen || 'no'} exception, expected ${expected ?? 'none'}`)
    for (const { properties } of found)
      for (const name of ['release', 'route', 'user_id', 'trace_id'] as const)
        if ((properties[name] ?? null) !== (event.properties[name] ?? null))
          problems.push(`${nameOf(made)}: its exception has another ${name}`)
  }
  for (const [request] of byRequest)
    problems.push(`an exception belongs to a request ${request} that nobody made`)
  return problems
}

/** Which way the shop's fault shows in a request that was answered like this; `undefined`: there was none. */
export function mechanismOf({ step, visit, status }: Made): 'request' | 'manual' | undefined {
  if (status !== null && status >= 500) return 'request'
  const lost = visit.visitor.email?.endsWith('@localhost')
  return step.to === 'pay' && status === 200 && lost ? 'manual' : undefined
}

function expectedOf({ step, visit, path, status }: Made): Record<string, unknown> {
  const route = routeOf(step)
  return {
    path,
    method: route?.method ?? 'GET',
    route: route?.pattern,
    status_code: status,
    outcome: step.leaves ? 'client_abort' : 'ok',
    user_id: visit.visitor.email && userOf(visit.visitor.email).id,
    navigation: isPage(step) && !visit.visitor.bot && !step.prefetch,
    ...(route?.viewset !== undefined && { viewset: route.viewset, action: route.action }),
    ...(isPage(step) && { user_agent: visit.visitor.userAgent }),
  }
}

function nameOf({ step, path, traceId }: Made): string {
  return `${routeOf(step)?.method ?? 'GET'} ${path} (trace ${traceId.slice(0, 8)})`
}

/** What Node 20 has no `Map.groupBy` for. */
function groupBy<T>(list: readonly T[], key: (entry: T) => unknown): Map<unknown, T[]> {
  const groups = new Map<unknown, T[]>()
  for (const entry of list) groups.set(key(entry), [...(groups.get(key(entry)) ?? []), entry])
  return groups
}
