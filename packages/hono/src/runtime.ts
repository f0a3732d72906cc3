import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from 'hono'

/** What the runtimes hand over with a request, beside or in place of an application's own bindings. */
interface Env {
  /** Node. A request to upgrade has no `outgoing`. */
  readonly incoming?: IncomingMessage & { readonly originalUrl?: string }
  readonly outgoing?: ServerResponse
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
const isWorkers = navigator?.userAgent === 'Cloudflare-Workers'

/** Under `app.request()` there is none. */
function envOf(c: Context): Env {
  return (c.env as Env | undefined) ?? {}
}

/** Node's own objects, where a Node server is below. */
export function nodeOf(c: Context): Pick<Env, 'incoming' | 'outgoing'> {
  return isWorkers ? {} : envOf(c)
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

/** When all of the response is sent, where the runtime tells. */
export function sentOf(c: Context): Promise<unknown> | undefined {
  return Deno ? envOf(c).completed : undefined
}

/** Keeps a platform without a process of its own at work until `work` is done. */
export function waitUntil(c: Context, work: Promise<unknown>): void {
  try {
    c.executionCtx.waitUntil(work)
  } catch {
    // There is none: the process goes on anyway.
  }
}

/** Environment variables that came with a request, as on Workers, if any of them is ours. */
export function variablesOf(c: Context): Record<string, string> | undefined {
  const texts = Object.entries(envOf(c)).filter(([, value]) => typeof value === 'string')
  const known = isWorkers || texts.some(([name]) => name.startsWith('JUSTANALYTICS_'))
  return known ? Object.fromEntries(texts) : undefined
}
