import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
/** The collector's own policy. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const MINUTE = 60_000

/** What the story tells: the same for the same instant, whenever it is asked. */
export interface Story {
  /** Requests a minute. */
  traffic: number
  /** When the bad release came; the good one was there an hour before the beginning. */
  deployedAt: number
  exceptions: unknown[]
  taskFailures: unknown[]
  complete: boolean
  dropped: number
  events: number
}

interface Asked {
  path: string
  search: URLSearchParams
  at: number
}

export interface MadeCollector {
  /** Ends in a folder, as behind a proxy under a sub-path. */
  url: string
  story: Story
  /** Questions asked so far, newest last. */
  asked: Asked[]
  /** Streams that are open. */
  listeners(): number
  /** Says on every open stream that something was stored. */
  announce(): void
  /** From now on nothing is answered, open streams end. */
  fail(): void
  recover(): void
  close(): Promise<void>
}

function wobble(at: number): number {
  return 0.75 + 0.2 * Math.sin(at / (9 * MINUTE)) + 0.05 * Math.sin((at / MINUTE) * 2.4)
}

function seriesOf(story: Story, from: number, to: number, step: number) {
  const buckets = []
  for (let at = Math.floor(from / step) * step; at < to; at += step) {
    const length = Math.min(step, to - at) / MINUTE
    const requests = Math.round(story.traffic * wobble(at) * length)
    const bad = at + step > story.deployedAt
    const failures = Math.round(requests * (bad ? 0.22 + 0.1 * wobble(at * 3) : 0))
    const pageviews = Math.round(requests * 0.3)
    if (requests > 0)
      buckets.push({
        at: new Date(at).toISOString(),
        requests,
        failures,
        rejected: Math.round(requests * 0.04),
        pageviews,
        visitors: Math.round(pageviews * 0.6),
        task_failures: bad ? Math.round(length * 2) : 0,
      })
  }
  const marks = [
    { at: story.deployedAt - 34 * MINUTE, release: 'api@2026.11.21-3', environment: 'production' },
    { at: story.deployedAt, release: 'api@2026.11.22-1', environment: 'production' },
  ]
  return {
    step_ms: step,
    buckets,
    marks: marks
      .filter(mark => mark.at >= from && mark.at <= to)
      .map(mark => ({ ...mark, at: new Date(mark.at).toISOString() })),
    as_of: new Date().toISOString(),
    complete: story.complete,
    dropped: story.dropped,
  }
}

/** A collector's read side over a made story, and the page built in `dist` beside it. */
export async function startMadeCollector(story: Story, dist: string): Promise<MadeCollector> {
  const asked: Asked[] = []
  const streams = new Set<ServerResponse>()
  let failing = false

  const answer = (response: ServerResponse, body: unknown) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://collector')
    const path = pathname.replace(/^\/ops\/collector/, '')
    if (path.startsWith('/api/')) {
      asked.push({ path, search: searchParams, at: performance.now() })
      if (failing) return response.writeHead(502).end('Bad Gateway')
    }
    const from = Date.parse(searchParams.get('from') ?? '')
    const to = Date.parse(searchParams.get('to') ?? '')
    if (path === '/api/v1/health')
      return answer(response, { status: 'ok', events: story.events, lag_ms: 184, store: 'embedded' })
    if (path === '/api/v1/series') {
      const by = searchParams.get('by')
      const series = seriesOf(story, from, to, Number(searchParams.get('step')))
      if (!by) return answer(response, series)
      const keys = by === 'site' ? ['site_shop', 'site_blog'] : ['production', 'staging']
      return answer(response, { ...series, series: keys.map(key => ({ key, buckets: [] })) })
    }
    if (path === '/api/v1/events') {
      const items = searchParams.get('event') === 'exception' ? story.exceptions : story.taskFailures
      return answer(response, { items: items.slice(0, Number(searchParams.get('limit'))) })
    }
    if (path === '/api/v1/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write('event: hello\ndata: {}\n\n')
      streams.add(response)
      return response.on('close', () => streams.delete(response))
    }
    const file = path === '/' ? '/index.html' : normalize(path)
    const body = await readFile(join(dist, file)).catch(() => null)
    if (!body) return response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
    })
    return response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ops/collector/`,
    story,
    asked,
    listeners: () => streams.size,
    announce() {
      for (const stream of streams) stream.write('event: stored\ndata: {"events":1}\n\n')
    },
    fail() {
      failing = true
      for (const stream of streams) stream.end()
    },
    recover() {
      failing = false
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
