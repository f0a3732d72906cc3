import { iso } from './iso.js'
import { createQuoter, quote } from './quote.js'
import type {
  ApiRequestProperties,
  CommonProperties,
  EventProperties,
  Outcome,
  PageviewProperties,
  RequestProperties,
} from './schema.js'

/** Properties of the schema; one that is left out when unknown is `undefined`. */
type Facts<Properties, Name extends keyof Properties> = {
  readonly [Fact in Name]-?: Properties[Fact] | undefined
}

/** What both events of a request tell. */
export type RequestFacts = Facts<
  RequestProperties,
  Exclude<keyof RequestProperties, keyof CommonProperties | keyof Campaign | 'user_id'>
> & {
  /** Those that there are, in this order. */
  readonly utm: Campaign
}
export type Campaign = Readonly<Pick<RequestProperties, `utm_${string}` & keyof RequestProperties>>
export type PageviewFacts = Facts<PageviewProperties, 'user_id' | 'referrer' | 'user_agent'>
export type ApiRequestFacts = Facts<ApiRequestProperties, 'viewset' | 'action' | 'query_params' | 'user_id'>

/** The one event of a request, before it is given what all events carry. */
export type RequestEvent = {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly shared: RequestFacts
} & (
  | { readonly event: 'pageview'; readonly own: PageviewFacts }
  | { readonly event: 'api_request'; readonly own: ApiRequestFacts }
)

/** The properties of a request's event, in the order they have on the wire. */
export function requestProperties({
  event,
  shared: { utm, weight, ...facts },
  own,
}: RequestEvent): EventProperties {
  const { viewset, action, ...rest } = own as ApiRequestFacts
  const shared = { ...facts, ...utm, weight }
  const all = event === 'pageview' ? { ...shared, ...own } : { viewset, action, ...shared, ...rest }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/**
 * Writes the events of requests, which are nine of ten, as `JSON.stringify` would: what all of them have in common
 * is written once, and what comes again and again is remembered together with what stands around it: the fewer pieces,
 * the better. They are joined in one go: texts that are added to one another stay a tree of pieces, which costs twice
 * the memory until somebody reads it.
 */
export class RequestText {
  readonly #heads: Readonly<Record<RequestEvent['event'], string>>
  /** What every event ends with. */
  readonly #tail: string
  readonly #method: (text: string) => string = createQuoter(
    method => `,"method":${quote(method)},"status_code":`,
  )
  readonly #route: (text: string) => string = createQuoter(route => `,"route":${quote(route)}`)
  readonly #visitor: (text: string) => string = createQuoter(id => `,"visitor_id":${quote(id)}`)
  /** A page's end, from its browser on. */
  readonly #browser: (text: string) => string = createQuoter(
    userAgent => `,"user_agent":${quote(userAgent)}${this.#tail}`,
  )

  constructor(siteId: string, common: CommonProperties) {
    const site_id = JSON.stringify(siteId)
    this.#heads = {
      pageview: `{"site_id":${site_id},"event":"pageview","event_id":"`,
      api_request: `{"site_id":${site_id},"event":"api_request","event_id":"`,
    }
    this.#tail = `,${JSON.stringify(common).slice(1)}}`
  }

  write(request: RequestEvent): string {
    const { event, id, time, shared } = request
    const { path, method, status_code, duration_ms, route, outcome, request_id, trace_id, visitor_id } =
      shared
    return [
      this.#heads[event],
      id,
      '","timestamp":"',
      iso(time),
      request.event === 'pageview'
        ? '","properties":{"path":'
        : `","properties":{${view(request.own)}"path":`,
      text(path),
      this.#method(method as string),
      number(status_code),
      ',"duration_ms":',
      hundredths(duration_ms),
      route === undefined ? '' : this.#route(route),
      OUTCOMES[outcome as Outcome],
      request_id,
      trace_id === undefined ? '"' : `","trace_id":${quote(trace_id)}`,
      visitor_id === undefined ? '' : this.#visitor(visitor_id),
      visit(shared),
      request.event === 'pageview' ? who(request.own) : called(request.own),
      request.event === 'pageview' ? this.#ofPage(request.own) : this.#tail,
    ].join('')
  }

  #ofPage({ user_agent }: PageviewFacts): string {
    return user_agent ? this.#browser(user_agent) : `,"user_agent":${text(user_agent)}${this.#tail}`
  }
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  ok: ',"outcome":"ok","request_id":"',
  client_abort: ',"outcome":"client_abort","request_id":"',
  stream_error: ',"outcome":"stream_error","request_id":"',
}

function visit({ navigation, country, utm, weight }: RequestFacts): string {
  let written = navigation ? ',"navigation":true' : ',"navigation":false'
  if (country !== undefined) written += `,"country":${quote(country)}`
  for (const name in utm) written += `,"${name}":${quote(utm[name as keyof Campaign] as string)}`
  if (weight !== undefined) written += `,"weight":${number(weight)}`
  return written
}

const NOBODY = ',"user_id":null,"referrer":null'

function who({ user_id, referrer }: PageviewFacts): string {
  if (user_id === null && referrer === null) return NOBODY
  return `,"user_id":${text(user_id)},"referrer":${text(referrer)}`
}

function view({ viewset, action }: ApiRequestFacts): string {
  return `"viewset":${text(viewset)},"action":${text(action)},`
}

function called({ query_params, user_id }: ApiRequestFacts): string {
  return `,"query_params":${JSON.stringify(query_params)}${user_id === undefined ? '' : `,"user_id":${text(user_id)}`}`
}

function text(value: string | null | undefined): string {
  return value === null || value === undefined ? 'null' : quote(value)
}

function number(value: number | null | undefined): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

/** Nothing, `.01`, …, `.1`, …, `.99` */
const FRACTIONS = Array.from({ length: 100 }, (_, count) => String(count / 100).slice(1))

/** A number of at most two decimals; the engine's own way is the same for any number, and takes its time. */
function hundredths(value: number | undefined): string {
  const count = value === undefined ? Number.NaN : Math.round(value * 100)
  if (!(count >= 0 && count < 2 ** 31)) return number(value)
  return `${Math.floor(count / 100)}${FRACTIONS[count % 100]}`
}
