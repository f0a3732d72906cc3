import type { AnalyticsEvent } from '@justanalytics/core/event'

/** What happened in one step of time. `requests` includes `failures` and `rejected`. */
export interface Bucket {
  /** Start of the step, milliseconds since the epoch. */
  at: number
  requests: number
  failures: number
  /** Answered with 4xx. */
  rejected: number
  pageviews: number
  visitors: number
  /** Jobs that failed for good. */
  task_failures: number
}

/** A release as it was first seen, or as a deploy pipeline announced it. */
export interface Mark {
  at: number
  release: string
  environment: string | null
}

export interface Queue {
  name: string
  failures: ReadonlyMap<number, number>
  total: number
}

/** `GET api/v1/series`, its instants read. */
export interface Series {
  stepMs: number
  buckets: Bucket[]
  marks: Mark[]
  /** Failed jobs of the queues, by the start of the step; the worst queue first. */
  queues: Queue[]
  /** `false`: a client reported that it lost events of this window. */
  complete: boolean
  dropped: number
}

/** `GET api/v1/health`. */
export interface Health {
  events: number
  /** Milliseconds from an event's receipt to its being stored and countable. */
  lagMs: number
  /** What arrives cannot be made durable at the moment. */
  failing: boolean
}

export type StoredEvent = AnalyticsEvent

export type Json = Record<string, unknown>

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

function instant(value: unknown): number {
  return typeof value === 'string' || typeof value === 'number' ? new Date(value).getTime() : Number.NaN
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : []
}

/** @throws {TypeError} if the answer is not a series, which is what a proxy's own page would be. */
export function readSeries(answer: unknown): Series {
  if (!isJson(answer) || count(answer.step_ms) === 0) throw new TypeError('not a series')
  const buckets = list(answer.buckets).map(bucket => ({
    at: instant(bucket.at),
    requests: count(bucket.requests),
    failures: count(bucket.failures),
    rejected: count(bucket.rejected),
    pageviews: count(bucket.pageviews),
    visitors: count(bucket.visitors),
    task_failures: count(bucket.task_failures),
  }))
  const marks = list(answer.marks).map(mark => ({
    at: instant(mark.at),
    release: String(mark.release),
    environment: typeof mark.environment === 'string' ? mark.environment : null,
  }))
  return {
    stepMs: count(answer.step_ms),
    buckets: buckets.filter(bucket => !Number.isNaN(bucket.at)),
    marks: marks.filter(mark => !Number.isNaN(mark.at)).sort((a, b) => a.at - b.at),
    queues: readQueues(list(answer.series)),
    complete: answer.complete !== false,
    dropped: count(answer.dropped),
  }
}

function readQueues(series: Json[]): Queue[] {
  return series
    .map(({ key, buckets }) => {
      const failures = new Map(list(buckets).map(bucket => [instant(bucket.at), count(bucket.task_failures)]))
      return {
        name: String(key),
        failures,
        total: [...failures.values()].reduce((sum, each) => sum + each, 0),
      }
    })
    .filter(({ name, total }) => name !== '' && total > 0)
    .sort((a, b) => b.total - a.total)
}

/** @throws {TypeError} if the answer is not the collector's. */
export function readHealth(answer: unknown): Health {
  if (!isJson(answer) || typeof answer.status !== 'string') throw new TypeError('not a health report')
  return { events: count(answer.events), lagMs: count(answer.lag_ms), failing: answer.status !== 'ok' }
}

/** Checks an answer by a name that it must hold. @throws {TypeError} if it is not there. */
export function reader<T>(name: keyof T & string): (answer: unknown) => T {
  return answer => {
    if (!isJson(answer) || answer[name] === undefined) throw new TypeError(`an answer without \`${name}\``)
    return answer as T
  }
}

/** A list's answer, whose rows are read as they are. */
export function listReader<T extends { items: unknown[] }>(): (answer: unknown) => T {
  const read = reader<T>('items')
  return answer => {
    const found = read(answer)
    if (!Array.isArray(found.items)) throw new TypeError('not a list')
    return { ...found, items: found.items.filter(isJson) }
  }
}
