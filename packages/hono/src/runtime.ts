import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHeaders } from '@justanalytics/core/adapter'
import type { Context } from 'hono'
import type { Sockets } from './websocket.js'

/** What the runtimes hand over with a request, beside or in place of an application's own bindings. */
interface Env {
  /** Node. A request to upgrade has no `outgoing`. */
  readonly incoming?: IncomingMessage & { readonly originalUrl?: string }
  readonly outgoing?: ServerResponse
  readonly wss?: Sockets
  /** Deno. */
  readonly remoteAddr?: { readonly hostname?: string }
  readonly completed?: Promise<void>
  /** Bun: the server itself, or one thing among others. */
  readonly server?: Server
}

interface Server {
  requestIP?(request: Request): { readonly address: string } | null
}

interface Globals {
  readonly Bun?: object
  readonly Deno?: object
  readonly navigator?: { readonly userAgent?: string }
}

const { Bun, Deno, navigator } = globalThis as Globals
export const isWorkers: boolean = navigator?.userAgent === 'Cloudflare-Workers'

/** Under `app.request()` there is none. */
function envOf(c: Context): Env {
  return (c.env as Env | undefined) ?? {}
}

/** Node's own objects, where a Node server is below. */
export function nodeOf(c: Context): Pick<Env, 'incoming' | 'outgoing' | 'wss'> {
  return isWorkers ? {} : envOf(c)
}

const kept = new WeakMap<Context, Headers>()

/** Deno has the headers of a request no more once it is answered or upgraded. */
export function keepHeaders(c: Context): void {
  if (Deno) kept.set(c, new Headers(c.req.raw.headers))
}

export function headersFor(c: Context): RequestHeaders {
  const { incoming } = nodeOf(c)
  if (incoming) return incoming.headers
  // Those that are kept may come after this.
  return new Proxy(
    {},
    { get: (_, name: string) => (kept.get(c) ?? c.req.raw.headers).get(name) ?? undefined },
  )
}

export function addressOf(c: Context): string | undefined {
  const { incoming } = nodeOf(c)
  if (incoming) return incoming.socket.remoteAddress
  if (Deno) return envOf(c).remoteAddr?.hostname
  if (Bun) {
    const server: Server | undefined = envOf(c).server ?? (envOf(c) as Server)
    return server.requestIP?.(c.req.raw)?.address
  }
  // Anywhere else a client may send this header itself.
  return isWorkers ? c.req.header('cf-connecting-ip') : undefined
}

/** Whether the client went away before there was an answer. */
export function hasLeft(c: Context): boolean {
  // Deno has a signal that is raised by an answer too, and says so on stderr as soon as somebody looks at it.
  return !Deno && c.req.raw.signal.aborted
}

/** When all of the response is sent, where the runtime tells. */
export function sentOf(c: Context): Promise<unknown> | undefined {
  return Deno ? envOf(c).completed : undefined
}

/** Where nothing outlives a request, keeps it up until `work` is done; elsewhere there is no need for it. */
export function waitUntil(c: Context, work: () => Promise<unknown>): void {
  let context: Partial<Context['executionCtx']> | undefined
  try {
    context = c.executionCtx
  } catch {
    // Hono throws where there is none.
  }
  context?.waitUntil?.(work())
}

/** Environment variables that came with a request, as on Workers, if any of them is ours. */
export function variablesOf(c: Context): Record<string, string> | undefined {
  const texts = Object.entries(envOf(c)).filter(([, value]) => typeof value === 'string')
  const known = isWorkers || texts.some(([name]) => name.startsWith('JUSTANALYTICS_'))
  return known ? Object.fromEntries(texts) : undefined
}
