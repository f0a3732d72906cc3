import type { RequestEvent, RequestFacts } from '../event/request-text.js'
import type { Outcome } from '../event/schema.js'
import { ask } from './ask.js'
import { countryOf } from './country.js'
import {
  isNavigation,
  one,
  queryOf,
  queryParams,
  type RequestHeaders,
  referrerOf,
  utmOf,
  viewOf,
} from './facts.js'
import type { HttpContext } from './http.js'
import type { RouteControl } from './request.js'

/** Who and where; the same for all events of one request. */
export interface RequestIdentity {
  readonly path: string
  readonly method: string
  readonly route: string | undefined
  readonly user: string | null
  readonly visitor: string | undefined
  readonly id: string
  readonly trace: string | undefined
  /** Empty where there is none. */
  readonly userAgent: string
}

/** How it ended. */
export interface RequestEnding {
  readonly time: number
  readonly status: number | null
  readonly outcome: Outcome
  readonly duration: number
  readonly failed: boolean
  readonly control: Exclude<RouteControl, false> | undefined
}

/** The one event of a request. */
export function requestEvent<R>(
  context: HttpContext<R>,
  request: R,
  url: string,
  headers: RequestHeaders,
  identity: RequestIdentity,
  ending: RequestEnding,
): RequestEvent {
  const { api, intake, settings } = context
  const { sampleRate } = intake.settings
  const { path, method, route, user, id, userAgent } = identity
  const { time } = ending
  const query = queryOf(url)
  const navigation = isNavigation(method, headers)
  const shared: RequestFacts = {
    path,
    method,
    status_code: ending.status,
    duration_ms: Math.round(ending.duration * 100) / 100,
    route,
    outcome: ending.outcome,
    request_id: id,
    trace_id: identity.trace,
    visitor_id: identity.visitor,
    navigation,
    country: navigation ? countryOf(headers) : undefined,
    utm: utmOf(query),
    weight: ending.failed || sampleRate === 1 ? undefined : 1 / sampleRate,
  }
  if (api !== undefined && ask(intake.warn, 'api', () => api(path, request)) === true) {
    const { viewset, action } = viewOf(method, route, ending.control)
    const query_params = queryParams(query, settings.queryParams, intake.isSecret)
    const own = { viewset, action, query_params, user_id: user ?? undefined }
    return { event: 'api_request', id, time, shared, own }
  }
  const referrer = referrerOf(one(headers.referer))
  const own = { user_id: user, referrer, user_agent: userAgent === '' ? null : userAgent }
  return { event: 'pageview', id, time, shared, own }
}
