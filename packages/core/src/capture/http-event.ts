import { LIMITS } from '../event/limits.js'
import type { ApiRequestProperties, PageviewProperties, RequestProperties } from '../event/schema.js'
import { cut } from '../event/text.js'
import { LANE } from '../queue/queue.js'
import { ask } from './ask.js'
import { isNavigation, queryOf, queryParams, referrerOf, utmOf, viewOf } from './facts.js'
import type { HttpContext } from './http.js'
import type { RequestEnding, RequestIdentity } from './http-record.js'
import type { Draft } from './intake.js'

/** The one event of a request. */
export function requestDraft<R>(
  context: HttpContext<R>,
  request: R,
  url: string,
  identity: RequestIdentity,
  ending: RequestEnding,
): Draft {
  const { api, intake, reader, settings } = context
  const header = (name: string): string | undefined => reader.header(request, name)
  const { sampleRate } = intake.settings
  const query = queryOf(url)
  const { path, method, route, user, visitor, id, trace } = identity
  const shared: Omit<RequestProperties, 'user_id'> = {
    path,
    method,
    status_code: ending.status,
    duration_ms: Math.round(ending.duration * 100) / 100,
    ...(route !== undefined && { route }),
    outcome: ending.outcome,
    request_id: id,
    ...(trace !== undefined && { trace_id: trace }),
    ...(visitor !== undefined && { visitor_id: visitor }),
    navigation: isNavigation(method, header),
    ...utmOf(query),
    ...(!ending.failed && sampleRate < 1 && { weight: 1 / sampleRate }),
  }
  const isApi = api !== undefined && ask(intake.warn, 'api', () => api(path, request)) === true
  const properties: PageviewProperties | ApiRequestProperties = isApi
    ? {
        ...viewOf(method, route, ending.control),
        ...shared,
        query_params: queryParams(query, settings.queryParams, intake.isSecret),
        ...(user !== null && { user_id: user }),
      }
    : {
        ...shared,
        user_id: user,
        referrer: referrerOf(header('referer')),
        user_agent: userAgentOf(header('user-agent')),
      }
  return {
    event: isApi ? 'api_request' : 'pageview',
    id,
    time: ending.time,
    lane: ending.failed ? LANE.other : LANE.healthy,
    sdk: reader.sdk,
    properties: { ...properties },
  }
}

function userAgentOf(userAgent: string | undefined): string | null {
  return userAgent ? cut(userAgent, LIMITS.user_agent) : null
}
