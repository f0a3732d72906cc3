import { IN_GROUP } from '../grouping/state.js'
import { moment } from '../store/schema.js'
import { ATTEMPTS, IS_ATTEMPT, JOB_STATES, type JobState, STATE } from './attempts.js'
import { type Condition, expected, readStatus, type Search, since, type Window } from './parameters.js'
import { callsFromPages, LONGEST_STAY } from './stay.js'
import { IS_REQUEST } from './stored.js'

/**
 * What a question counts, and so what its filters are conditions on: a request, an exception, an
 * attempt at a job, a fault (an exception or a failed attempt), or any event, each by its own kind.
 */
export type Subject = 'request' | 'exception' | 'attempt' | 'fault' | 'event'

/** The longest time between a request and an attempt at a job of its, milliseconds. */
const LONGEST_WAIT = 86_400_000

/** Site and environment alone: where something happened. */
export function readPlace(search: Search): Condition {
  const sql = ['1']
  const parameters: Condition['parameters'] = {}
  for (const [name, column] of [
    ['site', 'site'],
    ['env', 'environment'],
  ] as const) {
    const value = search(name)
    if (value === undefined) continue
    sql.push(`${column} = {${name}:String}`)
    parameters[name] = value
  }
  return { sql: sql.join(' AND '), parameters }
}

/**
 * The page's filters, with one meaning in every answer; what is not given leaves everything in.
 *
 * - `site`, `env`, `release`: the event's own.
 * - `user`: its user id, or its visitor id. A job is also of whom the request that enqueued it is of.
 * - `flow`: `METHOD route`, a method alone (what has no route), or a route with any method; where that is a page's,
 *   what the page called counts in. A job has the flow of the request that enqueued it.
 * - `group`: exceptions and failed attempts of this error group, and the requests tied to such an exception.
 * - `job`: attempts at jobs of this name (or id), the requests that enqueued them and those requests' exceptions.
 * - `status`: requests answered with it (`503`, `5xx`), their exceptions and jobs; or attempts with this
 *   outcome (`completed`, `failed`, `retrying`) and no requests.
 * - `q`: a text within the event's own names, paths and messages, in any case of letters; or one of its ids, whole.
 *
 * @param window where the events are that are asked for; those that they are tied to may lie near it
 * @param attempts which of them are asked for: the fewer, the fewer causes are looked for
 */
export function readFilters(
  search: Search,
  subject: Subject,
  window: Window,
  attempts: readonly string[] = subject === 'fault' ? ['task_failed'] : ATTEMPTS,
): Condition {
  const filters = new Map<string, string>()
  const place = readPlace(search)
  const parameters = { ...place.parameters }
  for (const [name, read] of Object.entries(FILTERS)) {
    const value = search(name)
    if (value === undefined) continue
    const filter = read(value)
    filters.set(name, filter[subject])
    Object.assign(parameters, { [name]: value }, filter.parameters)
  }
  if ([...filters.values()].some(sql => sql.includes('{tied_')))
    Object.assign(parameters, {
      tied_from: moment(Math.max(0, window.from - LONGEST_WAIT)),
      tied_to: moment(window.to + LONGEST_WAIT),
      tied_begin: moment(window.from),
      tied_stay: moment(Math.max(0, window.from - LONGEST_STAY)),
      tied_end: moment(window.to),
      tied_attempts: attempts,
    })
  return { sql: [place.sql, ...filters.values()].join(' AND '), parameters }
}

type Filter = Record<Subject, string> & { parameters?: Condition['parameters'] }

const TIED = `request_id != '' AND ${since('tied_from')} AND timestamp < {tied_to:DateTime64(3, 'UTC')}`

/** Tied to an event that meets a condition, by the request. */
function tied(condition: string): string {
  return `(site, request_id) IN (SELECT site, request_id FROM events WHERE ${condition} AND ${TIED})`
}

/** The attempts of the window, which are those that are asked for. */
const NAMED = `(site, request_id) IN (SELECT site, request_id FROM events
  WHERE event IN {tied_attempts:Array(String)} AND request_id != '' AND ${since('tied_begin')} AND timestamp < {tied_end:DateTime64(3, 'UTC')})`

/** Tied to a request that meets a condition; only requests that attempts name are looked at. */
function ofCause(condition: string): string {
  return tied(`${IS_REQUEST} AND ${condition} AND ${NAMED}`)
}

const IN_STAY = `${since('tied_stay')} AND timestamp < {tied_end:DateTime64(3, 'UTC')}`

const REQUEST = 'cityHash64(site, request_id)'

/** Called from the page whose route is asked for, or tied to such a call. */
const CALLED = `${REQUEST} IN (SELECT call FROM (${callsFromPages({
  call: REQUEST,
  page: 'route = {flow:String}',
  where: `(navigation OR request_id != '') AND ${IN_STAY}`,
})}) WHERE page)`

function each(request: string, exception: string, attempt: string): Record<Subject, string> {
  const fault = `if(event = 'task_failed', ${attempt}, ${exception})`
  const event = `multiIf(${IS_REQUEST}, ${request}, ${IS_ATTEMPT}, ${attempt}, ${exception})`
  return { request, exception, attempt, fault, event }
}

/** Once for all kinds: the engine looks for the calls as often as it is written. */
function orCalled(filter: Record<Subject, string>): Record<Subject, string> {
  const either = Object.entries(filter).map(([subject, sql]) => [subject, `(${CALLED} OR ${sql})`])
  return Object.fromEntries(either)
}

function same(sql: string): Filter {
  return { request: sql, exception: sql, attempt: sql, fault: sql, event: sql }
}

const TEXTS = 'event, route, path, exception_type, exception_message, title, culprit, task_name'
const IDS = 'event_id, request_id, trace_id, task_id, user_id, visitor_id, group_id'

/** One without a route is called by its method alone. */
const NAMED_FLOW = /^([A-Z]+)(?: (.*))?$/s

/** Is `flow` a route with any method? What people called from its page is long to find: a day of it is the usual's past. */
export function isOfPage(search: Search): boolean {
  const flow = search('flow')
  return flow !== undefined && !NAMED_FLOW.test(flow)
}

const FILTERS: Readonly<Record<string, (value: string) => Filter>> = {
  release: () => same('release = {release:String}'),
  user: () => {
    const own = '(user_id = {user:String} OR visitor_id = {user:String})'
    return each(own, own, `(${own} OR ${ofCause(own)})`)
  },
  flow: value => {
    const named = NAMED_FLOW.exec(value)
    if (named) {
      const [, method = '', route = ''] = named
      const own = 'method = {flow_method:String} AND route = {flow_route:String}'
      return { ...each(own, own, ofCause(own)), parameters: { flow_method: method, flow_route: route } }
    }
    const own = 'route = {flow:String}'
    return orCalled(each(own, own, ofCause(own)))
  },
  group: () => {
    return each(tied(`event = 'exception' AND ${IN_GROUP}`), IN_GROUP, IN_GROUP)
  },
  job: () => {
    const own = '(task_name = {job:String} OR task_id = {job:String})'
    const cause = tied(`${IS_ATTEMPT} AND ${own}`)
    return each(cause, `(${own} OR ${cause})`, own)
  },
  status: value => {
    if (isJobState(value)) return each('0', '0', `${STATE} = {status:String}`)
    if (!/^\d/.test(value))
      throw expected('status', `${JOB_STATES.join(', ')}, a status (503) or a class of them (5xx)`, value)
    const [low, high] = readStatus(value)
    const own = 'status BETWEEN {status_low:UInt16} AND {status_high:UInt16}'
    return { ...each(own, own, ofCause(own)), parameters: { status_low: low, status_high: high } }
  },
  q: () =>
    same(
      `(positionCaseInsensitiveUTF8(concatWithSeparator('\\n', ${TEXTS}), {q:String}) > 0 OR {q:String} IN (${IDS}))`,
    ),
}

function isJobState(value: string): value is JobState {
  return JOB_STATES.some(state => state === value)
}
