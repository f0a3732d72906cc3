import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const FOLDER = '/ops/collector'

interface Asked {
  path: string
  search: URLSearchParams
  at: number
}

/** What stands between a browser and the collector in many houses: the page is in a folder. */
export interface PassingProxy {
  url: string
  /** Questions that came by, newest last. */
  asked: Asked[]
  /** Event streams that are open. */
  streams(): number
  /** From now on it answers itself that nobody is behind it; streams end. */
  fail(): void
  recover(): void
  /** From now on it changes what the collector answers here. */
  change(path: string, answer: (answer: Record<string, unknown>) => object): void
  /** From now on questions that begin like this are not answered; returns how to let them go on. */
  hold(path: string): () => void
  close(): Promise<void>
}

export async function startProxy(origin: string): Promise<PassingProxy> {
  const asked: Asked[] = []
  const streams = new Set<ServerResponse>()
  let failing = false
  const changes = new Map<string, (answer: Record<string, unknown>) => object>()
  let held = { path: null as string | null, passing: Promise.resolve() }

  const pass = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { pathname, search, searchParams } = new URL(incoming.url ?? '/', 'http://proxy')
    if (!pathname.startsWith(`${FOLDER}/`)) return response.writeHead(404).end()
    const path = pathname.slice(FOLDER.length)
    asked.push({ path, search: searchParams, at: performance.now() })
    if (held.path !== null && path.startsWith(held.path)) await held.passing
    if (failing && path.startsWith('/api/')) return response.writeHead(502).end('Bad Gateway')

    const change = changes.get(path)
    if (change) {
      const answer = await (await fetch(`${origin}${path}${search}`)).json()
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(change(answer)))
    }

    const { host: _, ...headers } = incoming.headers
    const onward = request(
      `${origin}${path}${search}`,
      { method: incoming.method ?? 'GET', headers },
      answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
        if (path !== '/api/v1/stream') return
        streams.add(response)
        response.on('close', () => streams.delete(response))
      },
    )
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    return incoming.pipe(onward)
  }

  const server = createServer((incoming, response) => void pass(incoming, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${FOLDER}/`,
    asked,
    streams: () => streams.size,
    fail() {
      failing = true
      for (const stream of streams) stream.destroy()
    },
    recover() {
      failing = false
    },
    change(path, answer) {
      changes.set(path, answer)
    },
    hold(path) {
      let letGo = () => {}
      const passing = new Promise<void>(resolve => (letGo = resolve))
      held = { path, passing }
      return () => {
        held.path = null
        letGo()
      }
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
