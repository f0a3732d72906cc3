import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Dispatcher, Pool } from 'undici'
import { version } from '../version.js'
import {
  type Answer,
  type Attempt,
  COMPRESS_ABOVE_BYTES,
  encode,
  MAX_ANSWER_BYTES,
  type Transport,
} from './transport.js'

const compress = promisify(gzip)
const CONNECT_MS = 1000
/** Two at most: a second one helps a backlog, more would only beat a slow endpoint. */
const CONNECTIONS = 2

export interface UndiciOptions {
  readonly endpoint: string
  readonly apiKey: string
  /** Milliseconds for connecting, sending and reading together. */
  readonly requestTimeout: number
}

/** Node's transport. undici is loaded with the first batch, so importing this costs nothing. */
export function createUndiciTransport({ endpoint, apiKey, requestTimeout }: UndiciOptions): Transport {
  const { origin, pathname, search } = new URL(endpoint)
  const closing = new AbortController()
  let pool: Pool | undefined
  let connects = 0

  async function open(): Promise<Pool> {
    const { Pool } = await import('undici')
    pool ??= new Pool(origin, {
      connections: CONNECTIONS,
      connect: { timeout: Math.min(CONNECT_MS, requestTimeout) },
      headersTimeout: requestTimeout,
      bodyTimeout: requestTimeout,
    }).on('connect', () => connects++)
    return pool
  }

  async function post(texts: readonly string[], zip: boolean, signal: AbortSignal): Promise<Answer> {
    const dispatcher = await open()
    const body = Buffer.from(encode(texts))
    const zipped = zip && body.length > COMPRESS_ABOVE_BYTES
    const response = await dispatcher.request({
      method: 'POST',
      path: pathname + search,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'user-agent': `justanalytics-node/${version}`,
        ...(zipped && { 'content-encoding': 'gzip' }),
      },
      body: zipped ? await compress(body, { level: 1 }) : body,
      signal,
    })
    return {
      kind: 'answer',
      status: response.statusCode,
      contentType: header(response, 'content-type') ?? '',
      retryAfter: header(response, 'retry-after'),
      text: await read(response.body),
    }
  }

  return {
    async send(texts, options): Promise<Attempt> {
      const before = connects
      // The one deadline: undici's own are idle timers, which a peer that drips bytes keeps resetting.
      const deadline = new AbortController()
      const end = (): void => deadline.abort()
      const timer = setTimeout(end, requestTimeout)
      timer.unref()
      closing.signal.addEventListener('abort', end, { once: true })
      try {
        if (closing.signal.aborted) end()
        return await post(texts, options.compress, deadline.signal)
      } catch (error) {
        return {
          kind: 'failure',
          code: deadline.signal.aborted ? 'timeout' : codeOf(error),
          reused: connects > 0 && connects === before,
        }
      } finally {
        clearTimeout(timer)
        closing.signal.removeEventListener('abort', end)
      }
    },
    close() {
      closing.abort()
      void pool?.destroy().catch(() => {})
    },
  }
}

function header(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name]
  return Array.isArray(value) ? value[0] : value
}

async function read(body: Dispatcher.ResponseData['body']): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_ANSWER_BYTES) return undefined
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString()
  } catch {
    return undefined
  }
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown'
}
