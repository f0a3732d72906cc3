import { once } from 'node:events'
import { connect } from 'node:net'
import type { AnalyticsOptions } from '@justanalytics/core'
import { type Ended, start } from './children.js'
import { differ, differences, ourLines } from './differences.js'
import { API_KEY, type Health, openEndpoint } from './endpoints.js'
import { violations } from './invariants.js'

/** One server of `apps/server.mjs`, run alone and with its adapter. */
export interface ServerTwin {
  readonly framework: 'express' | 'fastify'
  readonly endpoint: Health
}

interface Life {
  /** The bytes that came back, by the request. */
  readonly answers: ReadonlyMap<string, string>
  readonly ended: Ended
  /** Milliseconds from SIGTERM to the end. */
  readonly closing: number
}

const get = (path: string, method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`

const post = (body: string): string =>
  `POST /echo HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`

const REQUESTS: readonly string[] = [
  ...['/text', '/json', '/large', '/empty', '/moved', '/stream', '/broken', '/nowhere', '/a/%zz'].map(path =>
    get(path),
  ),
  ...['/throw', '/reject', '/unhandled', '/teapot', '/cut'].map(path => get(path)),
  get('/text', 'HEAD'),
  get('/text', 'OPTIONS'),
  post('{"a":1}'),
  post('{"a":'),
  // Two on one connection.
  get('/text').replace('Connection: close\r\n', '') + get('/json'),
  'NONSENSE\r\n\r\n',
]

const CLOSE_MS = 2000
const SLACK_MS = 1500

/** @returns a sentence for each difference, and for what does not hold */
export async function compareServers({ framework, endpoint: health }: ServerTwin): Promise<string[]> {
  await using endpoint = await openEndpoint(health)
  const without = await live(framework, undefined)
  const withClient = await live(framework, { apiKey: API_KEY, siteId: 'site', endpoint: endpoint.url })
  const lines = ourLines(withClient.ended.stderr)
  const stats = {
    captured: 0,
    adopted: 0,
    delivered: 0,
    queued: 0,
    inFlight: 0,
    spooled: 0,
    retries: 0,
    dropped: {},
  }
  const late = withClient.closing - without.closing - CLOSE_MS - SLACK_MS
  return [
    ...REQUESTS.flatMap(request =>
      differ(request.slice(0, 20), without.answers.get(request) ?? '', withClient.answers.get(request) ?? ''),
    ),
    ...differences(withoutFrames(without.ended), withoutFrames(withClient.ended)),
    ...violations({ stats, ledger: endpoint.ledger, lines, apiKey: API_KEY }),
    ...(late > 0 ? [`it took ${Math.round(late)} ms too long to close`] : []),
    ...(health === 'up'
      ? whatArrived([...endpoint.ledger.events.values()].map(({ event }) => event.event))
      : []),
  ]
}

/** A middleware is a line in the stacks of what is behind it, whoever's it is. */
function withoutFrames(ended: Ended): Ended {
  return { ...ended, stderr: ended.stderr.replace(/^ +at .*\n/gm, '') }
}

function whatArrived(events: readonly string[]): string[] {
  const requests = events.filter(event => event === 'pageview').length
  // The two on one connection are two; of nonsense no request comes to be.
  return requests === REQUESTS.length ? [] : [`${requests} requests arrived, not ${REQUESTS.length}`]
}

async function live(framework: string, options: AnalyticsOptions | undefined): Promise<Life> {
  const { child, ended } = await start({
    app: 'server.mjs',
    args: [JSON.stringify({ framework, options })],
    env: { NODE_ENV: 'production' },
  })
  const [ready] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const port = Number(/^ready (\d+)/.exec(ready.toString())?.[1])
  const answers = new Map<string, string>()
  for (const request of REQUESTS) answers.set(request, await ask(port, request))
  const told = performance.now()
  child.kill('SIGTERM')
  return { answers, ended: await ended, closing: performance.now() - told }
}

async function ask(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  let bytes = ''
  socket.on('data', chunk => {
    bytes += chunk.toString('latin1')
  })
  socket.write(request)
  await once(socket, 'close')
  return bytes.replace(/^(date): .*$/gim, '$1: …')
}
