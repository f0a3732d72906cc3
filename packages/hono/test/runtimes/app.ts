import { Hono, type MiddlewareHandler } from 'hono'
import { stream, streamSSE, streamText } from 'hono/streaming'
import type { UpgradeWebSocket } from 'hono/ws'
import justanalytics, { type JustAnalytics, observeWebSockets } from '../../src/index.js'

/** How long a stream takes. */
export const PAUSE_MS = 150

/** One application for all runtimes, once with the adapter and once, under `/alone`, without. */
export interface Twins {
  fetch(request: Request, ...rest: unknown[]): Response | Promise<Response>
  analytics: JustAnalytics
}

/** @param upgrade the runtime's own `upgradeWebSocket` */
export function createTwins(upgrade: UpgradeWebSocket): Twins {
  const analytics = justanalytics({ flushInterval: 10, api: '/api/*' })
  const app = new Hono()
    .use(analytics)
    .route('/', routes())
    .get('/live/:room', live(observeWebSockets(upgrade)))
  const alone = new Hono().basePath('/alone').route('/', routes())
  return {
    analytics,
    fetch(request, ...rest) {
      const twin = new URL(request.url).pathname.startsWith('/alone/') ? alone : app
      return twin.fetch(request, ...(rest as []))
    },
  }
}

function routes(): Hono {
  return new Hono()
    .get('/text', c => c.text('text'))
    .get('/dressed-text', c => c.text('text', 200, { 'x-zebra': '1', 'X-Apple': '2' }))
    .get('/html', c => c.html('<h1>hello</h1>'))
    .get('/json', c => c.json({ ok: true }))
    .get('/bytes', c => c.body(new Uint8Array([1, 2, 3])))
    .get('/empty', c => c.body(null, 204))
    .get('/not-modified', c => c.body(null, 304))
    .get('/moved', c => c.redirect('/text'))
    .get('/cookies', c => {
      c.header('set-cookie', 'a=1', { append: true })
      c.header('set-cookie', 'b=2', { append: true })
      return c.text('text')
    })
    .get('/api/items/:id', c => c.json({ id: c.req.param('id') }))
    .get('/status/:status', c => c.text('text', Number(c.req.param('status')) as 200))
    .get('/throws', () => {
      throw new Error('the shelf is empty')
    })
    .get('/throws-text', () => {
      throw 'just text'
    })
    .get('/late', async c => {
      console.log('came late')
      await sleep()
      return c.text('late')
    })
    .get('/stream', c =>
      stream(c, async out => {
        for await (const part of parts()) await out.write(part)
      }),
    )
    .get('/stream-text', c =>
      streamText(c, async out => {
        for await (const part of parts()) await out.write(part)
      }),
    )
    .get('/events', c =>
      streamSSE(c, async out => {
        for await (const data of parts()) await out.writeSSE({ data })
      }),
    )
    .get('/endless', c =>
      streamSSE(c, async out => {
        for (; !out.aborted; await sleep()) await out.writeSSE({ data: 'tick' })
      }),
    )
    .get('/typed-stream', c => c.body(body(), 200, { 'content-type': 'text/csv' }))
    .get('/broken-stream', c => c.body(body('breaks'), 200, { 'content-type': 'text/event-stream' }))
}

function live(upgrade: UpgradeWebSocket): MiddlewareHandler {
  return upgrade(() => ({
    onMessage({ data }, socket) {
      if (data === 'fail') throw new Error('boom')
      socket.send(`you said ${data}`)
      socket.send(`${socket.readyState}`)
    },
    onClose: () => {},
    onError: () => {},
  }))
}

function sleep(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, PAUSE_MS))
}

async function* parts(how?: 'breaks'): AsyncGenerator<string> {
  yield 'first '
  await sleep()
  if (how === 'breaks') throw new Error('the shelf is empty')
  yield 'last'
}

function body(how?: 'breaks'): ReadableStream {
  const source = parts(how)
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
  })
}
