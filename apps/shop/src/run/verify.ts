import { Agent } from 'node:http'
import type { AnalyticsEvent } from '@justanalytics/core/event'
import { BAD_RELEASE, GOOD_RELEASE } from '../releases.js'
import { drive } from '../traffic/drive.js'
import { send } from '../traffic/send.js'
import type { Made } from '../traffic/visit.js'
import { type AppManifest, type RunningApp, startApp } from './app.js'
import { checkExceptions, checkRequests, matchRequests } from './checks.js'
import { type OwnCollector, startCollector } from './collector.js'

const ENVIRONMENT = 'verify'
/** In these visits every kind of request occurs, and no fault more than ten times: from there on equal ones are only counted. */
const SEED = 59
const VISITS = 100
const IN_FLIGHT = 1_000

/**
 * Runs an example application against a collector of its own and checks what is stored:
 * each request exactly one event that tells the truth, each fault one exception of its
 * request, the broken payments of the bad release, and nothing lost at SIGTERM.
 *
 * Prints a line for each part and sets the exit code to 1 if something is off.
 *
 * @param sdk the adapter's name, as its events bear it
 */
export function verifyExample(manifest: AppManifest, sdk: string): Promise<void> {
  return verifyParts(manifest.name, PARTS, collector => ({ manifest, sdk, collector }))
}

/**
 * Runs one check after the other, all on one collector. Prints a line for each, and what it found to be wrong;
 * sets the exit code to 1 if something is.
 */
export async function verifyParts<S>(
  name: string,
  parts: Record<string, (stage: S) => Promise<string[]>>,
  stageOn: (collector: OwnCollector) => S,
): Promise<void> {
  const collector = await startCollector()
  try {
    for (const [about, part] of Object.entries(parts)) {
      const problems = await part(stageOn(collector))
      console.log(`${problems.length ? '✗' : '✓'} ${name}: ${about}`)
      for (const problem of problems.slice(0, 20)) console.log(`    ${problem}`)
      if (problems.length > 20) console.log(`    and ${problems.length - 20} more`)
      if (problems.length) process.exitCode = 1
    }
  } finally {
    await collector.close()
  }
}

interface Stage {
  manifest: AppManifest
  sdk: string
  collector: OwnCollector
}

const PARTS: Record<string, (stage: Stage) => Promise<string[]>> = {
  'every request is one event that tells the truth, every fault one exception': async stage => {
    const { made, requests, exceptions } = await visit(stage, GOOD_RELEASE)
    const surprises = made
      .filter(({ step, status }) => status !== (step.leaves === 'unanswered' ? null : step.status))
      .map(({ path, step, status }) => `${path} was answered ${status}, expected ${step.status}`)
    return [...surprises, ...truth(stage, GOOD_RELEASE, made, requests, exceptions)]
  },

  'the bad release breaks paying, and its frames say where': async stage => {
    const { made, requests, exceptions } = await visit(stage, BAD_RELEASE)
    const payments = made.filter(({ step }) => step.to === 'pay')
    const broken = payments.filter(({ status }) => status === 500).length
    const told = exceptions.filter(({ properties }) => isBrokenPayment(properties)).length
    return [
      ...truth(stage, BAD_RELEASE, made, requests, exceptions),
      ...(broken > 0 && broken < payments.length ? [] : [`${broken} of ${payments.length} payments broke`]),
      ...(told === broken
        ? []
        : [`${broken} payments broke, ${told} exceptions show computeTotal in cart.ts`]),
    ]
  },

  [`SIGTERM with ${IN_FLIGHT} requests in flight loses none`]: async stage => {
    const since = new Date()
    const app = await start(stage, GOOD_RELEASE)
    const agent = new Agent()
    const cart = await send(agent, { method: 'POST', url: `${app.url}/api/carts`, headers: {} })
    const { id } = JSON.parse(cart.body) as { id: string }
    let taken = 0
    let exit: Promise<number | null> | undefined
    const answers = await Promise.all(
      Array.from({ length: IN_FLIGHT }, () =>
        send(agent, {
          method: 'GET',
          url: `${app.url}/api/carts/${id}/delivery`,
          headers: {},
          onTaken() {
            if (++taken === IN_FLIGHT) exit = app.stop()
          },
        }),
      ),
    )
    const code = await exit
    const stored = await stage.collector.questions.events('api_request', since)
    const quotes = stored.filter(({ properties }) => properties.route === '/api/carts/:cart/delivery')
    const answered = answers.filter(({ status }) => status === 200).length
    return [
      ...(code === 0 ? [] : [`it ended with ${code}:\n${app.output()}`]),
      ...(answered === IN_FLIGHT ? [] : [`${answered} of ${IN_FLIGHT} requests were answered`]),
      ...(quotes.length === IN_FLIGHT ? [] : [`${quotes.length} of ${IN_FLIGHT} requests are stored`]),
    ]
  },
}

/** Runs one release from start to SIGTERM, visitors in between, and reads what was stored of it. */
async function visit(stage: Stage, release: string) {
  const since = new Date()
  const app = await start(stage, release)
  const made: Made[] = []
  await drive({
    seed: SEED,
    visits: VISITS,
    concurrency: 12,
    pause: 0,
    seat: () => ({ origin: app.url, leave() {} }),
    onRequest: one => made.push(one),
  })
  const code = await app.stop()
  if (code !== 0) throw new Error(`${app.name} ended with ${code}:\n${app.output()}`)
  const { questions } = stage.collector
  const requests = [
    ...(await questions.events('pageview', since)),
    ...(await questions.events('api_request', since)),
  ]
  return { made, requests, exceptions: await questions.events('exception', since) }
}

function start({ manifest, collector }: Stage, release: string): Promise<RunningApp> {
  const { endpoint, siteId } = collector
  return startApp(manifest, {
    endpoint: endpoint.url,
    apiKey: endpoint.apiKey,
    siteId,
    release,
    environment: ENVIRONMENT,
  })
}

function truth(
  { manifest, sdk }: Stage,
  release: string,
  made: Made[],
  requests: AnalyticsEvent[],
  exceptions: AnalyticsEvent[],
): string[] {
  const { pairs, problems } = matchRequests(made, requests)
  const told = { release, environment: ENVIRONMENT, service: manifest.name, sdk }
  return [...problems, ...checkRequests(pairs, told), ...checkExceptions(pairs, exceptions)]
}

function isBrokenPayment(properties: AnalyticsEvent['properties']): boolean {
  return (
    properties.exception_type === 'TypeError' &&
    properties.exception_message === "Cannot read properties of undefined (reading 'id')" &&
    properties.route === '/checkout/:cart/pay' &&
    properties.release === BAD_RELEASE &&
    /computeTotal.*cart\.ts/.test(String(properties.traceback))
  )
}
