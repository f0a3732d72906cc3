import type { JobCounts } from '@justanalytics/bullmq-example/ledger'
import type { AnalyticsEvent } from '@justanalytics/core/event'
import { matchRequests, mechanismOf, type Questions } from '@justanalytics/shop/run'
import type { Made } from '@justanalytics/shop/traffic'
import { type JobFindings, lookAtJobs } from './jobs.js'

/** What the collector's answers say about the demo. */
export interface Findings {
  made: number
  stored: number
  exceptions: number
  /** Attempts at jobs; `undefined` where there was no worker. */
  jobs: JobFindings | undefined
  /** The release that broke, as the verdict names it. */
  broken: string | undefined
  /** The verdict in words. */
  verdict: string
  /** What is new in it: one line for each error that no other release had. */
  newErrors: string[]
  /** One line for everything that is not as it should be. */
  problems: string[]
}

const DAY = 86_400_000

/**
 * Compares what was made since a moment with what is stored; the past tells which errors are old.
 * @param counts the jobs as Redis knows them
 */
export async function lookAt(
  made: readonly Made[],
  counts: JobCounts | undefined,
  questions: Questions,
  from: Date,
): Promise<Findings> {
  const past = new Date(from.getTime() - DAY)
  const requests = [
    ...(await questions.events('pageview', from)),
    ...(await questions.events('api_request', from)),
  ]
  const everyException = await questions.events('exception', past)
  const exceptions = everyException.filter(({ timestamp }) => Date.parse(timestamp) >= from.getTime())
  const reports = await questions.events('client_report', from)
  const { state, release, sentence } = await questions.verdict()
  const broken = state === 'deploy_suspect' ? (release ?? undefined) : undefined
  const jobs = counts && (await lookAtJobs(counts, questions, from))
  const failures = jobs?.failures ?? []
  const faults = made.filter(one => mechanismOf(one) && !isLeftToJob(one, failures)).length
  const told = exceptions.length + countRepeated([...exceptions, ...reports])
  const problems = [...matchRequests(made, requests).problems, ...(jobs?.problems ?? [])]
  if (told !== faults) problems.push(`${faults} faults were met, ${told} exceptions are told of`)
  return {
    made: made.length,
    stored: requests.length,
    exceptions: exceptions.length,
    jobs,
    broken,
    verdict: sentence,
    newErrors: newIn(broken, [...everyException, ...failures]),
    problems,
  }
}

/** A letter that cannot be sent is no fault of the request where a worker sends it: the job fails in its place. */
function isLeftToJob(one: Made, failures: readonly AnalyticsEvent[]): boolean {
  const isOwn = ({ properties }: AnalyticsEvent) => properties.final && properties.trace_id === one.traceId
  return mechanismOf(one) === 'manual' && failures.some(isOwn)
}

function newIn(release: string | undefined, exceptions: readonly AnalyticsEvent[]): string[] {
  const title = ({ properties }: AnalyticsEvent) =>
    `${properties.exception_type}: ${properties.exception_message}`
  const old = new Set(exceptions.filter(({ properties }) => properties.release !== release).map(title))
  const here = exceptions.filter(({ properties }) => properties.release === release).map(title)
  return [...new Set(here)].filter(one => !old.has(one))
}

/** Equal exceptions in a minute are counted from the eleventh on, and the count comes along later. */
function countRepeated(events: readonly AnalyticsEvent[]): number {
  return events.reduce((sum, { properties }) => {
    const dropped = properties.dropped as Record<string, number> | undefined
    return sum + Number(properties.repeated ?? dropped?.repeated ?? 0)
  }, 0)
}
