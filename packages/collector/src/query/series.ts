import type { Store } from '../store/store.js'
import { dropped } from './dropped.js'
import { ANSWERED_4XX, ENDED_BADLY, FAULTED, hasQuietFaults } from './failure.js'
import { readFilters } from './filters.js'
import { type Mark, marks } from './marks.js'
import { type Condition, expected, inWindow, readWindow, type Search } from './parameters.js'
import { layOut, readStep } from './steps.js'
import { IS_KNOWN, IS_REQUEST, VISITOR } from './stored.js'

export interface Figures {
  /** All requests, failures and rejections included; a kept sampled one stands for its weight. */
  requests: number
  /** Ended in 5xx, a broken stream or an exception. */
  failures: number
  /** Answered with 4xx, and no fault behind it. */
  rejected: number
  /** Pages that people opened; programs that say they are one count in neither of these two. */
  pageviews: number
  /** Users where no visitor id is told. */
  visitors: number
  /** Jobs that failed for good. */
  task_failures: number
}

const FIGURES = ['requests', 'failures', 'rejected', 'pageviews', 'visitors', 'task_failures'] as const

const NOTHING: Figures = {
  requests: 0,
  failures: 0,
  rejected: 0,
  pageviews: 0,
  visitors: 0,
  task_failures: 0,
}

export interface Bucket extends Figures {
  /** Start of the step, ISO 8601. */
  at: string
}

export interface Series {
  step_ms: number
  buckets: Bucket[]
  /** With `by`: one series a value, the busiest first. The buckets beside count everything once. */
  series?: { key: string; buckets: Bucket[] }[]
  marks: Mark[]
  as_of: string
  /** `false`: clients lost events of this window. */
  complete: boolean
  dropped: number
}

/** What a series can be taken apart by. */
const GROUPS = {
  site: 'site',
  environment: 'environment',
  service: 'service',
  release: 'release',
  route: "if(method = '', route, concat(method, ' ', route))",
  status: "if(status = 0, '', concat(toString(intDiv(status, 100)), 'xx'))",
  event: 'event',
  queue: 'queue',
} as const

const MOST_SERIES = 50

function readBy(search: Search): keyof typeof GROUPS | undefined {
  const by = search('by')
  if (by === undefined) return undefined
  if (!Object.hasOwn(GROUPS, by)) throw expected('by', `one of ${Object.keys(GROUPS).join(', ')}`, by)
  return by as keyof typeof GROUPS
}

const BUCKET = 'intDiv(toUnixTimestamp64Milli(timestamp), {step:UInt64}) * {step:UInt64} AS at'

type Counted = Partial<Figures> & { at: number; key: string }

/** Conditions on the two kinds of events that are counted. */
interface Where {
  requests: Condition
  attempts: Condition
  /** There are failures that the status does not tell of. */
  isQuiet: boolean
}

/** The figures of every bucket that has any: of all together, and by the value of `key`. */
interface Counts {
  all: Counted[]
  apart: Counted[]
}

/** Visitors of several series are added up as sets: one may be in two of them. */
const TOGETHER = `SELECT at, key, grouping(key) AS whole, sum(requests) AS requests, sum(failures) AS failures,
  sum(rejected) AS rejected, sum(pageviews) AS pageviews, uniqCombined64Merge(people) AS visitors`

async function count(store: Store, key: string, { requests, attempts, isQuiet }: Where): Promise<Counts> {
  const readFailed = () =>
    store.query<Counted>(
      `SELECT ${BUCKET}, ${key} AS key, countIf(final) AS task_failures
       FROM events
       WHERE event = 'task_failed' AND ${attempts.sql}
       GROUP BY at, key`,
      attempts.parameters,
    )
  // Where the requests behind jobs are looked for, that takes longest.
  const begun = 'tied_from' in attempts.parameters ? readFailed() : undefined
  const [counted, faulted, failed] = await Promise.all([
    store.query<Counted & { whole: number }>(
      `${TOGETHER} FROM (
         SELECT ${BUCKET}, ${key} AS key,
           sum(weight) AS requests,
           sumIf(weight, ${ENDED_BADLY}) AS failures,
           sumIf(weight, ${ANSWERED_4XX} AND NOT ${ENDED_BADLY}) AS rejected,
           sumIf(weight, event = 'pageview' AND navigation AND NOT bot) AS pageviews,
           uniqCombined64StateIf(${VISITOR}, ${IS_KNOWN} AND NOT bot) AS people
         FROM events
         WHERE ${IS_REQUEST} AND ${requests.sql}
         GROUP BY at, key
       )
       GROUP BY GROUPING SETS ((at), (at, key))`,
      requests.parameters,
    ),
    isQuiet
      ? store.query<Counted>(
          `SELECT ${BUCKET}, ${key} AS key, sum(weight) AS failures, -sumIf(weight, ${ANSWERED_4XX}) AS rejected
       FROM events
       WHERE ${IS_REQUEST} AND NOT ${ENDED_BADLY} AND ${requests.sql} AND ${FAULTED}
       GROUP BY at, key`,
          requests.parameters,
        )
      : [],
    begun ?? readFailed(),
  ])
  const others = [...faulted, ...failed]
  return {
    all: [...counted.filter(({ whole }) => whole === 1), ...others],
    apart: [...counted.filter(({ whole }) => whole === 0), ...others],
  }
}

/** How many requests, failures, page openings and visitors were there over time, and which releases came? */
export async function series(store: Store, search: Search, now: number): Promise<Series> {
  const window = readWindow(search, now)
  const step = readStep(search, window)
  const by = readBy(search)
  const within = inWindow(window)
  const condition = (subject: 'request' | 'attempt'): Condition => {
    const filters = readFilters(search, subject, window, ['task_failed'])
    return {
      sql: `${within.sql} AND ${filters.sql}`,
      parameters: { ...within.parameters, ...filters.parameters, step },
    }
  }
  const where = {
    requests: condition('request'),
    attempts: condition('attempt'),
    isQuiet: await hasQuietFaults(store, search, window),
  }
  const [{ all, apart }, placed, lost] = await Promise.all([
    count(store, by ? GROUPS[by] : "''", where),
    marks(store, search, window),
    dropped(store, search, window),
  ])
  const grid = layOut(window, step)
  return {
    step_ms: step,
    buckets: fill(grid, all),
    ...(by ? { series: busiest(apart).map(([key, rows]) => ({ key, buckets: fill(grid, rows) })) } : {}),
    marks: placed,
    as_of: new Date(now).toISOString(),
    complete: lost === 0,
    dropped: lost,
  }
}

function fill(grid: readonly number[], rows: readonly Counted[]): Bucket[] {
  const sums = new Map<number, Figures>()
  for (const row of rows) {
    const sum = sums.get(row.at) ?? { ...NOTHING }
    for (const name of FIGURES) sum[name] += row[name] ?? 0
    sums.set(row.at, sum)
  }
  return grid.map(at => {
    const figures = { ...(sums.get(at) ?? NOTHING) }
    // Weights may be fractions.
    for (const name of FIGURES) figures[name] = Math.round(figures[name])
    return { at: new Date(at).toISOString(), ...figures }
  })
}

function busiest(rows: readonly Counted[]): [string, Counted[]][] {
  const weight = (list: readonly Counted[]) =>
    list.reduce((sum, row) => sum + (row.requests ?? 0) + (row.task_failures ?? 0), 0)
  const groups = new Map<string, Counted[]>()
  for (const row of rows) {
    const group = groups.get(row.key)
    if (group) group.push(row)
    else groups.set(row.key, [row])
  }
  return [...groups]
    .sort(([a, left], [b, right]) => weight(right) - weight(left) || a.localeCompare(b))
    .slice(0, MOST_SERIES)
}
