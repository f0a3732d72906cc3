import type { HttpBindings } from '@hono/node-server'
import { type Context, type Handler, Hono } from 'hono'
import { guardReading, secureHeaders } from './access.js'
import { Refusal } from './errors.js'
import { actOnGroup } from './grouping/endpoint.js'
import type { Budget } from './ingest/budget.js'
import { ingestEvents } from './ingest/endpoint.js'
import type { Gatherer } from './ingest/gather.js'
import type { Keyring } from './ingest/keys.js'
import { ingestRelease } from './ingest/releases.js'
import type { Hub } from './live/hub.js'
import { streamNews } from './live/stream.js'
import type { Settings } from './options.js'
import { servePage } from './page.js'
import { compare } from './query/compare.js'
import { events } from './query/events.js'
import { flows } from './query/flows.js'
import { group } from './query/group.js'
import { groups } from './query/groups.js'
import { health } from './query/health.js'
import { job } from './query/job.js'
import { jobs } from './query/jobs.js'
import { pages } from './query/pages.js'
import { readSearch, type Search } from './query/parameters.js'
import { places } from './query/places.js'
import { releases } from './query/releases.js'
import { request } from './query/request.js'
import { requests } from './query/requests.js'
import { series } from './query/series.js'
import { timeline } from './query/timeline.js'
import { users } from './query/users.js'
import { verdict, verdictMarkdown } from './query/verdict.js'
import { createSharing, type SharedQuestion } from './sharing.js'
import { ingestSourceMap } from './sourcemaps/endpoint.js'
import { createSourceMaps } from './sourcemaps/maps.js'
import type { Store } from './store/store.js'

/** What the endpoints work with. */
export interface Rooms {
  settings: Settings
  store: Store
  keys: Keyring
  budget: Budget
  gatherer: Gatherer
  hub: Hub
}

type Env = { Bindings: HttpBindings }

/** Every address, and whom it leads to. */
export function createApp({ settings, store, keys, budget, gatherer, hub }: Rooms): Hono<Env> {
  const app = new Hono<Env>()
  const guard = guardReading(settings)
  const askHealth = () => health(store, gatherer)
  const { share, forget } = createSharing(store)
  const answerShared =
    (question: SharedQuestion<object>): Handler =>
    async c =>
      c.json(await question(c.req.url, Date.now()))
  const answer = (question: (store: Store, search: Search, now: number) => Promise<object>): Handler =>
    answerShared(share(question))
  const answerOne =
    (question: (store: Store, id: string, search: Search, now: number) => Promise<object>): Handler =>
    async c =>
      c.json(await question(store, c.req.param('id') ?? '', readSearch(c.req.url), Date.now()))

  app.use(secureHeaders())
  app.onError(refuse)
  app.use(async (c, next) => {
    await next()
    if (c.req.method === 'POST') forget()
  })
  app.notFound(c => refuse(new Refusal(404, 'There is nothing at this address.'), c))

  const maps = createSourceMaps(store)
  app.post('/v1/events', ingestEvents(keys, budget, gatherer, maps)).all(only('POST'))
  app.post('/api/v1/sourcemaps', ingestSourceMap(keys, budget, store, maps)).all(only('POST'))
  app
    .get('/api/v1/releases', guard, answer(releases))
    .post(ingestRelease(keys, budget, store))
    .all(only('GET, HEAD, POST'))
  app.get('/api/v1/releases/compare', guard, answer(compare)).all(only('GET, HEAD'))

  app.get('/api/v1/health', guard, async c => c.json(await askHealth())).all(only('GET, HEAD'))
  const askVerdict = share(verdict)
  app.get('/api/v1/verdict', guard, answerShared(askVerdict)).all(only('GET, HEAD'))
  app
    .get('/api/v1/verdict.md', guard, async c =>
      c.body(await verdictMarkdown(store, readSearch(c.req.url), Date.now()), 200, {
        'Content-Type': 'text/markdown; charset=utf-8',
      }),
    )
    .all(only('GET, HEAD'))
  app.get('/api/v1/events', guard, answer(events)).all(only('GET, HEAD'))
  app.get('/api/v1/series', guard, answer(series)).all(only('GET, HEAD'))
  app.get('/api/v1/flows', guard, answer(flows)).all(only('GET, HEAD'))
  app.get('/api/v1/groups', guard, answer(groups)).all(only('GET, HEAD'))
  app
    .get('/api/v1/groups/:id', guard, answerOne(group))
    .post(guard, actOnGroup(store, budget))
    .all(only('GET, HEAD, POST'))
  app.get('/api/v1/jobs', guard, answer(jobs)).all(only('GET, HEAD'))
  app.get('/api/v1/jobs/:id', guard, answerOne(job)).all(only('GET, HEAD'))
  app.get('/api/v1/pages', guard, answer(pages)).all(only('GET, HEAD'))
  app.get('/api/v1/places', guard, answer(places)).all(only('GET, HEAD'))
  app.get('/api/v1/users', guard, answer(users)).all(only('GET, HEAD'))
  app.get('/api/v1/users/:id/timeline', guard, answerOne(timeline)).all(only('GET, HEAD'))
  app.get('/api/v1/requests', guard, answer(requests)).all(only('GET, HEAD'))
  app.get('/api/v1/requests/:id', guard, answerOne(request)).all(only('GET, HEAD'))
  app.get('/api/v1/stream', guard, streamNews(hub, askHealth)).all(only('GET, HEAD'))

  const page = servePage(askVerdict)
  app.get('/', guard, page).all(only('GET, HEAD'))
  app.get('/assets/*', guard, page).all(only('GET, HEAD'))
  return app
}

function only(methods: string): Handler<Env> {
  return () => {
    throw new Refusal(405, `Expected the method to be ${methods.replaceAll(', ', ' or ')}.`, {
      Allow: methods,
    })
  }
}

/** Every refusal is JSON with one sentence; what went wrong inside is told on stderr, not to the client. */
function refuse(error: Error, c: Context): Response {
  const refusal = error instanceof Refusal ? error : translate(error)
  if (refusal.cause !== undefined)
    console.error(`[justanalytics-collector] ${refusal.message} ${refusal.cause}`)
  for (const [name, value] of Object.entries(refusal.headers)) c.header(name, value)
  return c.json({ error: refusal.message }, refusal.status)
}

/** The engine's codes of questions that are too heavy: TIMEOUT_EXCEEDED, MEMORY_LIMIT_EXCEEDED. */
const TOO_HEAVY = [159, 241]

function translate(error: Error): Refusal {
  const code = 'clickhouseCode' in error ? error.clickhouseCode : undefined
  if (typeof code === 'number' && TOO_HEAVY.includes(code))
    return new Refusal(503, 'This question is too heavy here: ask for a shorter window.', {
      'Retry-After': '5',
    })
  return new Refusal(500, 'The collector failed to answer.', {}, { cause: error })
}
