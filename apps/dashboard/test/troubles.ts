import { event, HOUR, type Made, MINUTE } from './events.js'

/** Where they happened: each in an environment of its own. */
export const LABORATORY = 'site_laboratory'

/** When it began, before the end of the hour that is looked at. */
const BEGAN = 20 * MINUTE
interface Fault {
  exception_type: string
  exception_message: string
  traceback: string
  code?: string
}

function thrown(type: string, message: string, place: string, more: Partial<Fault> = {}): Fault {
  return {
    exception_type: type,
    exception_message: message,
    traceback: `${type}: ${message}\n    at ${place}`,
    ...more,
  }
}

const BUG = thrown(
  'TypeError',
  "Cannot read properties of undefined (reading 'id')",
  'total (/srv/cart.ts:4:1)',
)
const REFUSED = thrown('Error', 'connect ECONNREFUSED 10.0.0.7:443', 'charge (/srv/bank.ts:9:1)', {
  code: 'ECONNREFUSED',
})
const STALE = thrown('StockError', 'stock is out of step', 'read (/srv/stock.ts:8:3)')
const FULL = thrown('QuotaError', 'the ledger is full', 'write (/srv/ledger.ts:9:1)')

interface Request {
  release?: string
  user?: string
  /** It ends in 500; with this error, if any. */
  failed?: boolean
  fault?: Fault
}

/** A payment, with its error. */
function payment(
  at: number,
  { release = 'api@1', user = `u_${at % 97}`, failed, fault }: Request = {},
): Made[] {
  const shared = {
    path: '/checkout/c1/pay',
    route: '/checkout/:cart/pay',
    method: 'POST',
    status_code: failed || fault ? 500 : 200,
    duration_ms: 12,
    user_id: user,
    request_id: event.id(),
    release,
  }
  const request = event('api_request', at, {
    ...shared,
    viewset: null,
    action: null,
    query_params: {},
    outcome: 'ok',
  })
  const told = { ...shared, ...fault, mechanism: 'request', handled: true }
  return fault ? [request, event('exception', at + 5, told)] : [request]
}

function job(at: number, fault?: Fault): Made {
  const task = { task_name: 'email.receipt', task_id: event.id(), queue: 'mail', duration_ms: 30, attempt: 1 }
  return fault
    ? event('task_failed', at, { ...task, ...fault, final: true, reason: 'exhausted' })
    : event('task_completed', at, { ...task, state: 'completed' })
}

/** Something `perMinute` times a minute. */
function often(
  from: number,
  to: number,
  perMinute: number,
  make: (at: number, index: number) => Made[],
): Made[] {
  const count = Math.floor(((to - from) / MINUTE) * perMinute)
  return Array.from({ length: count }, (_, index) =>
    make(Math.round(from + ((index + 0.5) * MINUTE) / perMinute), index),
  ).flat()
}

function calm(from: number, to: number, perMinute = 2): Made[] {
  return often(from, to, perMinute, at => payment(at))
}

/** Every second payment fails from the beginning of the trouble on. */
function every2nd(end: number, request: (isSecond: boolean) => Request): Made[] {
  return often(end - BEGAN, end, 4, (at, index) => payment(at, request(index % 2 === 1)))
}

/** What was usual: the hour before the one that is looked at, and what of that was quiet. */
function usual(end: number): Made[] {
  return calm(end - 2 * HOUR, end - BEGAN)
}

/** What happened in the hour before a moment, and before it, so that the verdict of the hour is this. */
const MADE: Readonly<Record<string, (end: number) => Made[]>> = {
  'A deploy is suspect': end => [
    ...usual(end),
    ...every2nd(end, isSecond => ({ release: 'api@2', ...(isSecond && { fault: BUG }) })),
  ],
  'A deploy may be behind it': end => [
    ...usual(end - BEGAN),
    ...often(end - 2 * BEGAN, end - BEGAN, 2, at => payment(at, { release: 'api@2' })),
    ...every2nd(end, failed => ({ release: 'api@2', failed })),
  ],
  'Looks external': end => [
    ...usual(end),
    ...every2nd(end, isSecond => (isSecond ? { fault: REFUSED } : {})),
  ],
  'Looks external, recovered': end => [
    ...usual(end - BEGAN),
    ...every2nd(end - BEGAN, isSecond => (isSecond ? { fault: REFUSED } : {})),
    ...calm(end - BEGAN, end, 4),
  ],
  'One user or bot': end => [
    ...usual(end),
    ...every2nd(end, failed => (failed ? { failed, user: 'u_mad' } : {})),
  ],
  'An old error grew': end => [
    ...payment(end - 1.9 * HOUR, { fault: STALE }),
    ...usual(end),
    ...every2nd(end, isSecond => (isSecond ? { fault: STALE } : {})),
  ],
  'Traffic is up': end => [
    ...calm(end - 25 * HOUR, end - 24 * HOUR, 1),
    ...calm(end - HOUR, end - 2 * BEGAN, 1),
    ...calm(end - 2 * BEGAN, end, 6),
  ],
  'Only jobs fail': end => [
    ...calm(end - 2 * HOUR, end),
    ...often(end - 2 * HOUR, end - BEGAN, 2, at => [job(at)]),
    ...often(end - BEGAN, end, 4, at => [job(at, FULL)]),
  ],
  Quiet: end => calm(end - 2 * HOUR, end),
  'Not enough data': end => calm(end - BEGAN, end, 1),
  'Data incomplete': end => [
    ...calm(end - 2 * HOUR, end),
    event('client_report', end - MINUTE, {
      dropped: { queue_full: 12 },
      since: new Date(end - BEGAN).toISOString(),
      until: new Date(end - MINUTE).toISOString(),
    }),
  ],
}

/** All of them, each in the environment that bears its verdict's label. */
export function troubles(end: number): Made[] {
  return Object.entries(MADE).flatMap(([label, make]) =>
    make(end).map(made => ({
      ...made,
      site_id: LABORATORY,
      properties: { ...made.properties, environment: label },
    })),
  )
}
