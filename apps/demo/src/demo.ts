import { BAD_RELEASE, GOOD_RELEASE } from '@justanalytics/shop'
import { makeHistory, postEvents } from '@justanalytics/shop/history'
import { type AppManifest, startCollector } from '@justanalytics/shop/run'
import type { Tally } from '@justanalytics/shop/traffic'
import { APPS, sortApps, WORKERS } from './apps.js'
import { type Findings, lookAt } from './findings.js'
import { createFleet } from './fleet.js'
import { type JobStore, openJobStore } from './jobs.js'
import { createStop, type Stop, Stopped } from './stop.js'
import { createTraffic, type Pace } from './traffic.js'

export interface DemoOptions {
  /** The short one, which checks itself and ends. */
  once: boolean
  /** Of the collector; 0 for any free one. */
  port: number
  /** Of `redis-server`, where this machine has it; without it there are no workers. */
  redisServer: string | undefined
  /** Takes one line a step. */
  say(line: string): void
}

/** How much there is of everything. */
interface Scale extends Pace {
  /** Visits in the past's busiest hour. */
  visitsPerHour: number
  /** Requests on the good release, on both at once, and on the bad one before the demo says so. */
  healthy: number
  sideBySide: number
  broken: number
}

const FULL: Scale = {
  visitsPerHour: 400,
  concurrency: 20,
  pause: 900,
  healthy: 600,
  sideBySide: 600,
  broken: 400,
}
const ONCE: Scale = {
  visitsPerHour: 100,
  concurrency: 10,
  pause: 60,
  healthy: 900,
  sideBySide: 900,
  broken: 600,
}
const SEED = 2026
const SHOWN = 20
/** What a shell calls a program that Ctrl-C has ended. */
const INTERRUPTED = 130
const ENVIRONMENT = 'demo'

/** The whole demo; resolves with the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const stop = createStop()
  const cleanups: (() => Promise<unknown>)[] = []
  try {
    return await play(options, stop, cleanup => cleanups.unshift(cleanup))
  } catch (error) {
    if (error instanceof Stopped) return options.once ? INTERRUPTED : 0
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    for (const cleanup of cleanups) await cleanup().catch(error => console.error(error))
  }
}

async function play(
  { once, port, redisServer, say }: DemoOptions,
  stop: Stop,
  onEnd: (cleanup: () => Promise<unknown>) => void,
): Promise<number> {
  const scale = once ? ONCE : FULL
  const apps = sortApps(APPS)
  const workers = sortApps(WORKERS, program => program === 'redis-server' && redisServer !== undefined)
  for (const { name, missing } of [...apps.leftOut, ...workers.leftOut])
    say(`Left out: ${name}, which needs ${missing.join(' and ')}`)

  say('Starting a collector on its embedded store')
  const starting = startCollector(port)
  onEnd(async () => (await starting.catch(() => undefined))?.close())
  const collector = await stop.orDone(starting)
  const { endpoint, questions, siteId } = collector
  say(`The page is at ${pageOf(collector.url)}`)

  const begin = new Date()
  const past = await makeHistory({
    seed: SEED,
    siteId,
    service: apps.ready[0]?.name ?? 'shop',
    environment: ENVIRONMENT,
    worker: workers.ready[0]?.name,
    until: begin,
    visitsPerHour: scale.visitsPerHour,
  })
  say(`Posting a day of the shop's history: ${count(past.length)} events`)
  await stop.orDone(postEvents(endpoint, past))

  const opening = openJobs(workers.ready, redisServer, say)
  onEnd(async () => (await opening)?.close())
  const jobs = await stop.orDone(opening)
  const crew = { apps: apps.ready, workers: jobs ? workers.ready : [] }
  const fleet = createFleet(crew, {
    endpoint: endpoint.url,
    apiKey: endpoint.apiKey,
    siteId,
    environment: ENVIRONMENT,
    redis: jobs?.url,
  })
  onEnd(() => fleet.stop())
  const names = [...crew.apps, ...crew.workers].map(({ name }) => name)
  say(`Starting ${names.join(', ')} with ${GOOD_RELEASE}`)
  await stop.orDone(fleet.start(GOOD_RELEASE))

  const traffic = createTraffic({ seed: SEED, pace: scale, seat: fleet.seat, keep: once })
  const more = (requests: number) => {
    const goal = traffic.tally.requests + requests
    return stop.until(() => traffic.tally.requests >= goal, traffic.failure)
  }
  say('Visitors come')
  await more(scale.healthy)
  say(`${told(traffic.tally)}; deploying ${BAD_RELEASE} beside ${GOOD_RELEASE}`)
  await stop.orDone(fleet.start(BAD_RELEASE))
  await more(scale.sideBySide)
  say(`${told(traffic.tally)}; stopping ${GOOD_RELEASE} (SIGTERM)`)
  await stop.orDone(fleet.retire(GOOD_RELEASE))
  await more(scale.broken)
  say(told(traffic.tally))

  if (!once) {
    console.log(guide(collector.url, fleet.running[0]?.url, jobs !== undefined))
    await stop.until(() => false, traffic.failure)
  }
  await traffic.end()
  const counts = await stop.orDone(Promise.resolve(jobs?.settled()))
  await fleet.retire(BAD_RELEASE)
  say('The visitors are gone, the applications stopped; reading what is stored')
  return conclude(await lookAt(traffic.made, counts, questions, begin))
}

/** Where jobs go, if anyone does them. */
async function openJobs(
  workers: readonly AppManifest[],
  redisServer: string | undefined,
  say: DemoOptions['say'],
): Promise<JobStore | undefined> {
  if (workers.length === 0 || !redisServer) return undefined
  try {
    return await openJobStore(redisServer)
  } catch (error) {
    const names = workers.map(({ name }) => name).join(', ')
    say(`Left out: ${names}, because ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

/** The last lines of the short demo, and its exit code. */
function conclude(findings: Findings): number {
  const { made, stored, exceptions, jobs, broken, newErrors, problems } = findings
  for (const problem of problems.slice(0, SHOWN)) console.log(`    ${problem}`)
  if (problems.length > SHOWN) console.log(`    and ${problems.length - SHOWN} more`)
  console.log(`    ${findings.verdict}`)
  for (const error of newErrors) console.log(`    new in ${broken}: ${error}`)
  const attempts = jobs ? `${jobs.made} job attempts made, ${jobs.stored} stored, ` : ''
  console.log(
    `${made} requests made, ${stored} stored, ${exceptions} exceptions, ${attempts}broken by ${broken ?? 'no release'}`,
  )
  return problems.length === 0 && made === stored && broken === BAD_RELEASE ? 0 : 1
}

/** Where the page shows what the demo does: a day, which it shows unless asked otherwise, has one bar for it. */
function pageOf(collector: string): string {
  return `${collector}/?range=15m`
}

function guide(collector: string, shop: string | undefined, hasJobs: boolean): string {
  const failed = `\n  * the receipts that are not sent any more: ${collector}/api/v1/jobs?status=failed`
  return `
  The page   ${pageOf(collector)}
  The shop   ${shop} (put a book into the cart and try to pay)

  What to look at
  * the mark of ${BAD_RELEASE} on the time axis, and the errors after it
  * the newest exceptions: TypeError in computeTotal (cart.ts), with its traceback
  * the verdict as data: ${collector}/api/v1/verdict, and as text: ${collector}/api/v1/verdict.md${hasJobs ? failed : ''}

  Visitors keep coming until Ctrl-C, which ends everything and removes its data.
`
}

function told({ requests, payments, brokenPayments }: Tally): string {
  return `${count(requests)} requests so far, ${brokenPayments} of ${payments} payments broken`
}

function count(number: number): string {
  return number.toLocaleString('en')
}
