import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, type Answers, ask } from './answers.js'

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
  /** From now on questions like these are not answered; a browser asks no more than six at a time. */
  hold(path: RegExp): void
  /** All are answered, those as well that were held. */
  letGo(): void
  /** From now on it answers questions like these as each was answered last, whatever the window, where it was. */
  repeat(path: RegExp): void
  close(): Promise<void>
}

/** All questions but those that begin like these. */
export function allBut(...names: string[]): RegExp {
  return new RegExp(`^/api/v1/(?!${['stream', ...names].join('|')})`)
}

const QUESTION = allBut()
const NOTHING = /^$/
const WINDOW = new Set(['from', 'to', 'step'])

/**
 * @param answers - what is known already, and to whom else asks
 * @param end - what is asked of a window that ends there is asked once
 */
export async function startProxy(origin: string, answers: Answers, end?: string): Promise<PassingProxy> {
  const asked: Asked[] = []
  const streams = new Set<ServerResponse>()
  let failing = false
  const changes = new Map<string, (answer: Record<string, unknown>) => object>()
  let held = { path: NOTHING, passing: Promise.resolve(), letGo: () => {} }
  let repeated = NOTHING

  const answerTo = (path: string, search: URLSearchParams): Promise<Answer> => {
    const address = `${path}?${search}`
    const others = [...search].filter(([name]) => !WINDOW.has(name))
    const anyTime = `${path}?${new URLSearchParams(others)}`
    const before = repeated.test(path) ? answers.get(anyTime) : undefined
    if (before) return before
    const isOver = search.get('to') === end
    const answer = (isOver && answers.get(address)) || ask(origin + address)
    if (isOver) answers.keep(address, answer)
    return answers.keep(anyTime, answer)
  }

  const pass = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { pathname, search, searchParams } = new URL(incoming.url ?? '/', 'http://proxy')
    if (!pathname.startsWith(`${FOLDER}/`)) return response.writeHead(404).end()
    const path = pathname.slice(FOLDER.length)
    asked.push({ path, search: searchParams, at: performance.now() })
    if (held.path.test(path)) await held.passing
    // Whoever asked may have gone meanwhile.
    if (response.destroyed) return
    if (failing && path.startsWith('/api/')) return response.writeHead(502).end('Bad Gateway')

    if (incoming.method === 'GET' && QUESTION.test(path)) {
      const { status, type, body } = await answerTo(path, searchParams)
      const change = changes.get(path)
      const changed = change ? JSON.stringify(change(JSON.parse(body))) : body
      return response.writeHead(status, { 'content-type': type }).end(changed)
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
    repeat(path) {
      repeated = path
    },
    change(path, answer) {
      changes.set(path, answer)
    },
    hold(path) {
      let letGo = () => {}
      const passing = new Promise<void>(resolve => (letGo = resolve))
      held = { path, passing, letGo }
    },
    letGo() {
      held.letGo()
      held.path = NOTHING
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
