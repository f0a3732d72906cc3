import { LIMITS } from '../event/limits.js'
import { REDACTED, type SecretTest } from '../event/redact.js'
import type { Campaign } from '../event/request-text.js'
import { cut } from '../event/text.js'
import type { RouteControl } from './request.js'

/** The headers of a request that are read, no others; on Node `headers` itself. */
export type RequestHeaders = Readonly<Partial<Record<HeaderName, string | readonly string[] | undefined>>>

type HeaderName =
  | 'accept'
  | 'cf-ipcountry'
  | 'cloudfront-viewer-country'
  | 'dnt'
  | 'purpose'
  | 'referer'
  | 'sec-fetch-dest'
  | 'sec-fetch-mode'
  | 'sec-gpc'
  | 'sec-purpose'
  | 'traceparent'
  | 'user-agent'
  | 'x-appengine-country'
  | 'x-moz'
  | 'x-vercel-ip-country'

/**
 * A header; the first where a framework tells of several. Each is asked for by a name that stands where it is asked, so
 * that V8 remembers where it was found; in one place that is given all the names it cannot.
 */
export function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'object' ? header[0] : header
}

/** The path of a request target, as received, without query and fragment. */
export function pathOf(url: string): string {
  // A client that talks to a proxy sends the absolute form.
  const target = url.startsWith('/') ? null : /^https?:\/\/[^/?#]*/i.exec(url)
  const path = beforeAny(target ? url.slice(target[0].length) : url)
  return cut(path, LIMITS.path) || '/'
}

/** What stands before a query or a fragment. */
function beforeAny(url: string): string {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  const fragment = path.indexOf('#')
  return fragment === -1 ? path : path.slice(0, fragment)
}

export function queryOf(url: string): URLSearchParams | undefined {
  const at = url.indexOf('?')
  return at === -1 ? undefined : new URLSearchParams(url.slice(at + 1).split('#', 1)[0])
}

/** @param which `true`: redacted; `false`: none; or the names to send. */
export function queryParams(
  query: URLSearchParams | undefined,
  which: boolean | readonly string[],
  isSecret: SecretTest,
): Record<string, string | string[]> {
  const params = new Map<string, string | string[]>()
  if (!query || which === false) return {}
  for (const [name, value] of query) {
    // Left out as every snapshot leaves it out: whoever assigns it changes a prototype.
    if (name === '__proto__' || (which !== true && !which.includes(name))) continue
    const known = params.get(name)
    if (known === undefined && params.size >= LIMITS.keys) break
    const shown = isSecret(name) ? REDACTED : cut(value, LIMITS.string)
    if (known === undefined) params.set(name, shown)
    else if (!Array.isArray(known)) params.set(name, [known, shown])
    else if (known.length < LIMITS.keys) known.push(shown)
  }
  return Object.fromEntries(params)
}

const UTM = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'] as const

const NO_CAMPAIGN: Campaign = Object.freeze({})

/** The campaign parameters a URL bears. */
export function utmOf(query: URLSearchParams | undefined): Campaign {
  if (!query) return NO_CAMPAIGN
  const found: Partial<Record<(typeof UTM)[number], string>> = {}
  for (const name of UTM) {
    const value = query.get(name)
    if (value) found[name] = cut(value, LIMITS.string)
  }
  return found
}

/** A referrer without query and fragment; user name and password are nobody's business either. */
export function referrerOf(referrer: string | undefined): string | null {
  if (!referrer) return null
  const page = beforeAny(referrer)
  return cut(page.includes('@') ? page.replace(/\/\/[^/@]*@/, '//') : page, LIMITS.referrer) || null
}

/** The trace id of a W3C `traceparent` header. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  if (traceparent === undefined) return undefined
  const match = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/.exec(traceparent)
  const id = match?.[1]
  return id && !/^0+$/.test(id) ? id : undefined
}

/** Whether a person opened a page: a GET that asks for HTML as a document and is no prefetch. */
export function isNavigation(method: string, headers: RequestHeaders): boolean {
  if (method !== 'GET' || !takesHtml(one(headers.accept))) return false
  const purpose = one(headers['sec-purpose']) ?? one(headers.purpose) ?? one(headers['x-moz'])
  if (purpose !== undefined && /prefetch|prerender|preview/i.test(purpose)) return false
  const mode = one(headers['sec-fetch-mode'])
  // Browsers leave fetch metadata out on plain http: then Accept has to do.
  if (mode === undefined) return true
  const destination = one(headers['sec-fetch-dest'])
  return mode === 'navigate' && (destination === undefined || destination === 'document')
}

function takesHtml(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*') return false
  // As browsers begin it.
  return accept.startsWith('text/html,') || /\btext\/html\b|\bapplication\/xhtml\+xml\b/i.test(accept)
}

/** Neither tracked across days nor within one. */
export function refusesTracking(headers: RequestHeaders): boolean {
  return one(headers.dnt) === '1' || one(headers['sec-gpc']) === '1'
}

const IS_PARAMETER = /[:*{}()[\]]/
const ACTIONS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'partial_update',
  DELETE: 'destroy',
}

/** Django REST framework's names for a route: the route without its parameters, and what is done there. */
export function viewOf(
  method: string,
  route: string | undefined,
  named: RouteControl | undefined,
): { viewset: string | null; action: string | null } {
  const given = named || {}
  if (route === undefined) return { viewset: given.viewset ?? null, action: given.action ?? null }
  // An optional part in Express 5's notation, `/files{/:name}`, begins before its slash.
  const segments = route
    .replaceAll('{/', '/{')
    .split('/')
    .filter(segment => segment !== '')
  const viewset = `/${segments.filter(segment => !IS_PARAMETER.test(segment)).join('/')}`
  const one = IS_PARAMETER.test(segments.at(-1) ?? '')
  const reading = method === 'GET' || method === 'HEAD' ? (one ? 'retrieve' : 'list') : null
  return { viewset: given.viewset ?? viewset, action: given.action ?? ACTIONS[method] ?? reading }
}
