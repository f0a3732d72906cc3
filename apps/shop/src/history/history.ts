import type { AnalyticsEvent } from '@justanalytics/core/event'
import { GOOD_RELEASE, PAST_RELEASES } from '../releases.js'
import { planVisit } from '../traffic/plan.js'
import { createRandom, hex, type Random, whole } from '../traffic/random.js'
import { eventsOf, type Origin } from './events.js'
import { collectFaults, type Faults } from './faults.js'
import { attemptsOf, type JobIds } from './jobs.js'

export interface HistoryOptions {
  /** The same seed makes the same visits. */
  seed: number
  siteId: string
  /** Which service tells it. */
  service: string
  environment: string
  /** Which service works on its jobs; without one receipts are sent within the request. */
  worker?: string | undefined
  /** Where the past ends; the newest event is just before. */
  until: Date
  /** How far back it goes; 24. */
  hours?: number
  /** Visits in the busiest hour; 400, of about six requests each. */
  visitsPerHour?: number
}

const HOUR = 3_600_000
/** The share of the past that each release served, oldest first. */
const SERVED = [
  { release: PAST_RELEASES[0] as string, until: 0.4 },
  { release: PAST_RELEASES[1] as string, until: 0.85 },
  { release: GOOD_RELEASE, until: 1 },
]

/** The shop's past as it would have been told, oldest first. */
export async function makeHistory(options: HistoryOptions): Promise<AnalyticsEvent[]> {
  const faults = await collectFaults()
  const random = createRandom(options.seed)
  const ids: JobIds = { receipt: 0, stock: 0 }
  const events: AnalyticsEvent[] = []
  for (const time of arrivals(options, random)) events.push(...visitAt(time, options, faults, ids, random))
  const end = options.until.toISOString()
  return events
    .filter(({ timestamp }) => timestamp < end)
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0))
}

/** When visits begin: few in the night, and busiest about now, so that what comes next compares with it. */
function* arrivals(
  { until, hours = 24, visitsPerHour = 400 }: HistoryOptions,
  random: Random,
): Generator<number> {
  const end = until.getTime()
  for (let time = end - hours * HOUR; time < end; ) {
    const day = 0.6 + 0.4 * Math.cos((2 * Math.PI * (end - time)) / (24 * HOUR))
    time += (-Math.log(1 - random()) * HOUR) / (visitsPerHour * day)
    if (time < end) yield time
  }
}

function* visitAt(
  begin: number,
  options: HistoryOptions,
  faults: Faults,
  ids: JobIds,
  random: Random,
): Generator<AnalyticsEvent> {
  const end = options.until.getTime()
  const visit = planVisit(random)
  const cart = hex(random, 8)
  const { siteId, service, environment } = options
  const origin: Origin = { siteId, service, environment, release: releaseAt(begin, options) }
  let signedIn = false
  let time = begin
  for (const step of visit.steps) {
    if (time >= end) return
    const fault = faults(step)
    const isLeftToJob = options.worker !== undefined && fault?.mechanism === 'manual'
    const at = { time: Math.floor(time), cart, signedIn }
    const events = eventsOf(step, visit, at, origin, isLeftToJob ? undefined : fault, random)
    yield* events
    const [paid] = events
    if (options.worker !== undefined && paid && step.to === 'pay' && step.status === 200)
      yield* attemptsOf(paid, options.worker, ids, fault, random)
    signedIn ||= step.to === 'signIn'
    time += whole(random, 800, 20_000)
  }
}

function releaseAt(time: number, { until, hours = 24 }: HistoryOptions): string {
  const share = 1 - (until.getTime() - time) / (hours * HOUR)
  return SERVED.find(served => share <= served.until)?.release ?? GOOD_RELEASE
}
