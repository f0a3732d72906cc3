import { setTimeout as wait } from 'node:timers/promises'
import { manifest as shopManifest } from '@justanalytics/fastify-example/manifest'
import { BAD_RELEASE, GOOD_RELEASE, JOBS } from '@justanalytics/shop'
import {
  type JobStory,
  type OwnCollector,
  type RequestStory,
  type Running,
  startApp,
  startWorker,
} from '@justanalytics/shop/run'
import { openLedger } from '../ledger.js'
import { manifest } from '../manifest.js'
import { checkOut } from './checkout.js'
import { differences } from './differences.js'

interface Stage {
  collector: OwnCollector
  /** Its URL. */
  redis: string
}

const EMAIL = 'ada@example.com'
const USER = 'u_ada'
const ORDERS = 300
const ENOUGH = 40

export const PARTS: Record<string, (stage: Stage) => Promise<string[]>> = {
  'a checkout on the bad release leads from the page to the job that failed, and back': async stage => {
    const { questions } = stage.collector
    const since = new Date()
    const story = await play(stage, BAD_RELEASE, BAD_RELEASE)
    const page = (await questions.events('pageview', since)).find(
      ({ properties }) => properties.path === `/checkout/${story.cart}`,
    )
    const receipt = jobOf(story.request, 'receipt')
    const found = receipt && (await questions.job(receipt.id, receipt.queue))
    return [
      ...differences('the page', page?.properties, { user_id: USER, navigation: true, release: BAD_RELEASE }),
      ...differences('the payment', story.request.request?.properties, {
        path: `/checkout/${story.cart}/pay`,
        status_code: 200,
        user_id: USER,
        visitor_id: page?.properties.visitor_id,
        trace_id: story.traceId,
      }),
      ...differences('what it left beside', story.request, { exceptions: [] }),
      ...checkThread(story, BAD_RELEASE, BAD_RELEASE),
      ...checkFailure(receipt),
      ...differences('the stock job', jobOf(story.request, 'stock'), { state: 'completed' }),
      ...differences('the job, asked for by its id', found, { ...receipt, request: story.request.request }),
    ]
  },

  'a job enqueued by one release and run by the next says both': async stage => {
    const story = await play(stage, GOOD_RELEASE, BAD_RELEASE)
    return [
      ...checkThread(story, GOOD_RELEASE, BAD_RELEASE),
      ...differences('the receipt', jobOf(story.request, 'receipt'), { state: 'completed' }),
    ]
  },

  'SIGTERM in the middle of the jobs loses none of their attempts': async stage => {
    const since = new Date()
    const ledger = openLedger(stage.redis)
    const before = await ledger.count()
    const now = async () => {
      const { finished, open, attempts } = await ledger.count()
      return { finished: finished - before.finished, open, attempts: attempts - before.attempts }
    }
    try {
      await fill(stage, ORDERS)
      const first = await startOn(stage, GOOD_RELEASE)
      await until('the first jobs', async () => (await now()).finished >= ENOUGH)
      const interrupted = await endOf(first)
      const left = await now()
      const told = await tell(stage, since)

      const second = await startOn(stage, GOOD_RELEASE)
      await until('the last job', async () => (await now()).open === 0)
      const ended = await endOf(second)
      const all = { attempts: 2 * ORDERS, finished: 2 * ORDERS }
      return [
        ...interrupted,
        ...ended,
        ...(left.open > 0 ? [] : ['no job was left when the worker was told to end']),
        ...differences('what was told when the worker had ended', told, {
          attempts: left.attempts,
          finished: left.finished,
        }),
        ...differences('what Redis knows in the end', await now(), all),
        ...differences('what was told in the end', await tell(stage, since), all),
      ]
    } finally {
      await ledger.close()
    }
  },
}

interface Story {
  cart: string
  traceId: string
  /** What the collector knows of the payment, its jobs at their end. */
  request: RequestStory
}

/** One checkout from start to end, with these releases of the shop and its worker. */
async function play(stage: Stage, shop: string, worker: string): Promise<Story> {
  const { questions } = stage.collector
  const since = new Date()
  const app = await startApp(shopManifest, settingsOf(stage, shop))
  const running = await startOn(stage, worker)
  const checkout = await checkOut(app.url, EMAIL)
  const problems = await endOf(app)
  const payment = (await questions.events('api_request', since)).find(
    ({ properties }) => properties.trace_id === checkout.traceId,
  )
  const id = String(payment?.properties.request_id)
  let request: RequestStory | undefined
  await until(`the jobs of request ${id}`, async () => {
    request = await questions.request(id)
    const ended = request?.jobs.filter(({ state }) => state !== 'retrying')
    return ended?.length === Object.keys(JOBS).length
  })
  problems.push(...(await endOf(running)))
  if (problems.length) throw new Error(problems.join('\n'))
  return { ...checkout, request: request as RequestStory }
}

/** Whether both jobs know the request, its user and both releases. */
function checkThread({ request }: Story, enqueued: string, run: string): string[] {
  return Object.entries(JOBS).flatMap(([kind, { name, queue }]) =>
    differences(`the ${kind} job`, jobOf(request, kind as keyof typeof JOBS), {
      task_name: name,
      queue,
      request_id: request.request?.properties.request_id,
      user_id: USER,
      enqueued_release: enqueued,
      release: run,
    }),
  )
}

/** Whether each attempt at the receipt shows where it failed, the last one as the last. */
function checkFailure(receipt: JobStory | undefined): string[] {
  const attempts = receipt?.attempts ?? []
  const places = attempts.filter(({ traceback }) => /labelOf.*receipts\.ts/.test(traceback ?? ''))
  return [
    ...differences('the receipt', receipt, { state: 'failed' }),
    ...differences(
      'its attempts',
      attempts.map(({ attempt }) => attempt),
      [1, 2, 3],
    ),
    ...(places.length === attempts.length ? [] : [`${places.length} attempts say where they failed`]),
    ...attempts.flatMap((attempt, index) =>
      differences(`its attempt ${index + 1}`, attempt, {
        exception_type: 'TypeError',
        exception_message: "Cannot read properties of undefined (reading 'label')",
        final: index === 2,
        reason: index === 2 ? 'exhausted' : 'error',
      }),
    ),
    ...(typeof attempts[0]?.wait_ms === 'number'
      ? []
      : ['its first attempt does not say how long it waited']),
  ]
}

/** Orders without a worker to take care of them. */
async function fill(stage: Stage, orders: number): Promise<void> {
  const app = await startApp(shopManifest, settingsOf(stage, GOOD_RELEASE))
  for (let left = orders; left > 0; left -= 20)
    await Promise.all(Array.from({ length: Math.min(20, left) }, () => checkOut(app.url, EMAIL)))
  const problems = await endOf(app)
  if (problems.length) throw new Error(problems.join('\n'))
}

/** What the collector was told of jobs since a moment. */
async function tell({ collector }: Stage, since: Date): Promise<{ attempts: number; finished: number }> {
  const completed = await collector.questions.events('task_completed', since)
  const failed = await collector.questions.events('task_failed', since)
  const final = failed.filter(({ properties }) => properties.final)
  return { attempts: completed.length + failed.length, finished: completed.length + final.length }
}

function jobOf({ jobs }: RequestStory, kind: keyof typeof JOBS): JobStory | undefined {
  return jobs.find(({ queue }) => queue === JOBS[kind].queue)
}

function startOn(stage: Stage, release: string): Promise<Running> {
  return startWorker(manifest, settingsOf(stage, release))
}

function settingsOf({ collector, redis }: Stage, release: string) {
  const { endpoint, siteId } = collector
  return { endpoint: endpoint.url, apiKey: endpoint.apiKey, siteId, release, environment: 'verify', redis }
}

/** Ends a process with SIGTERM; a line if it did not end well. */
async function endOf(running: Running): Promise<string[]> {
  const code = await running.stop()
  return code === 0 ? [] : [`${running.name} ended with ${code}:\n${running.output()}`]
}

const LOOK_EVERY = 20
const PATIENCE = 60_000

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`)
    await wait(LOOK_EVERY)
  }
}
