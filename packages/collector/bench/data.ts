import { moment } from '../src/store/schema.js'

/** The day that the questions are about ends here; the days before it are their past. */
export const END: number = Date.UTC(2026, 10, 22, 12)
const DAY = 86_400_000
const SITE = 'site_bench'

/** One row in a thousand or so; a number that looks random and is the same on every run. */
const dice = (salt: number, sides: number) => `(cityHash64(number, ${salt}) % ${sides})`

const ROUTES = `arrayElement([
  ${Array.from({ length: 40 }, (_, n) => `'/api/things/${n}/:id'`).join(', ')}
], toUInt8(1 + floor(40 * pow(${dice(1, 10_000)} / 10000, 3))))`

/**
 * Statements that make one day of a shop of this many events: 12 of 16 are API requests of 40 routes, 3 page
 * openings, 1 an attempt at a job. 4 requests of 1,000 fail, each with its exception; on the last day, the route
 * that is called most fails 30 of 100 in its last hour, with a release that came at its beginning.
 * @param day 0 for the last one
 */
export function makeDay(events: number, day: number): string[] {
  const end = END - day * DAY
  const atOf = (n: string) =>
    `toDateTime64('${moment(end - DAY)}', 3, 'UTC') + toIntervalMillisecond(intDiv((${n}) * ${DAY}, ${events}))`
  const at = atOf('number')
  const place = `'${SITE}' AS site, timestamp AS received_at, 'production' AS environment, 'web' AS service`
  const onset = `toDateTime64('${moment(END - 3_600_000)}', 3, 'UTC')`
  const release = `if(timestamp >= ${onset}, 'web@bad', 'web@${String(day).padStart(2, '0')}') AS release`
  const route = `${ROUTES} AS route, if(number % 3, 'GET', 'POST') AS method`
  const isBroken = `(timestamp >= ${onset} AND route = '/api/things/0/:id' AND ${dice(2, 100)} < 30)`
  const status = `multiIf(${isBroken}, 500, ${dice(3, 1000)} < 4, 500, ${dice(3, 1000)} < 24, 404, 200) AS status`
  const id = (salt: number) => `lower(hex(sipHash128(number, ${day}, ${salt})))`
  // In time order, as the clients make them.
  const requestId = (n: string) =>
    `lower(concat(hex(toUnixTimestamp64Milli(${atOf(n)})), hex(sipHash64(${n}, ${day}))))`
  const who = `if(${dice(4, 3)} = 0, toString(${dice(5, 20_000)}), '') AS user_id,
    lower(hex(MD5(toString(${dice(6, 50_000)})))) AS visitor_id, ${requestId('number')} AS request_id, ${id(2)} AS trace_id`
  const request = `${at} AS timestamp, ${id(3)} AS event_id, ${place}, ${release}, ${route}, ${status}, ${who}`
  const kind = 'number % 16'
  const freely = 'SETTINGS max_memory_usage = 8000000000, max_execution_time = 0, max_block_size = 65536'
  const raw = 'concat(\'{"site_id":"\', site, \'","event_id":"\', event_id, \'","properties":{}}\') AS raw'
  return [
    `INSERT INTO events (timestamp, event_id, site, received_at, environment, service, release, route, method, status,
       user_id, visitor_id, request_id, trace_id, event, path, outcome, duration, weight, navigation, raw)
     SELECT ${request}, if(${kind} < 3, 'pageview', 'api_request') AS event,
       replaceOne(route, ':id', toString(${dice(7, 100_000)})) AS path, 'ok' AS outcome,
       exp(1 + ${dice(8, 1000)} / 200) AS duration, 1 AS weight, ${kind} < 3 AS navigation, ${raw}
     FROM numbers(${events}) WHERE ${kind} < 15 ${freely}`,
    `INSERT INTO events (timestamp, event_id, site, received_at, environment, service, release, route, method, status,
       user_id, visitor_id, request_id, trace_id, event, path, exception_type, exception_message, mechanism,
       group_id, title, culprit, weight, raw)
     SELECT timestamp, ${id(4)}, site, received_at, environment, service, release, route, method, status, user_id, visitor_id,
       request_id, trace_id, 'exception', route, 'TypeError', concat('no name of ', toString(number)), 'request',
       if(${isBroken}, 'g1_bad', concat('g1_', toString(${dice(9, 200)}))) AS group_id,
       concat('TypeError: ', group_id), 'computeTotal', 1, ${raw}
     FROM (SELECT number, ${request} FROM numbers(${events}) WHERE ${kind} < 15 AND status = 500) ${freely}`,
    `INSERT INTO events (timestamp, event_id, site, received_at, environment, service, release, event, task_name, task_id,
       queue, attempt, final, request_id, duration, wait, weight, raw)
     SELECT ${at} AS timestamp, ${id(3)} AS event_id, ${place}, ${release},
       if(${dice(3, 1000)} < 5, 'task_failed', 'task_completed') AS event,
       concat('job.', toString(${dice(1, 8)})) AS task_name, toString(number), 'main', 1, event = 'task_failed',
       ${requestId('number - 1')} AS request_id, 20, 5, 1, ${raw}
     FROM numbers(${events}) WHERE ${kind} = 15 ${freely}`,
  ]
}

/** What the store does with a day of receipt an hour after it is over. */
export function mergeDay(day: number): string {
  const date = new Date(END - day * DAY).toISOString().slice(0, 10)
  return `OPTIMIZE TABLE events PARTITION '${date}' FINAL SETTINGS max_execution_time = 0`
}
