import type { Socket } from 'node:net'
import type { Client, Dispatcher } from 'undici'
import { version } from '../version.js'
import { type Compress, createCompress } from './gzip.js'
import {
  type Answer,
  type Attempt,
  COMPRESS_ABOVE_BYTES,
  codeOf,
  MAX_ANSWER_BYTES,
  type SendOptions,
  type Transport,
  type TransportOptions,
} from './transport.js'
import { loadUndici } from './undici-parts.js'

const CONNECT_MS = 1000

/** One connection at a time, opened again as often as it needs to be. */
interface Line {
  readonly client: Client
  readonly request: Client['request']
  readonly compress: Compress
  /** How often it was opened. */
  connects: number
  busy: boolean
}

/**
 * Node's transport. undici is loaded with the first batch, so importing this costs nothing.
 * There are as many connections as attempts under way; undici's own pool would open another one
 * for each request that follows closely upon an answer.
 */
export function createUndiciTransport({ endpoint, apiKey, requestTimeout }: TransportOptions): Transport {
  const { origin, pathname, search } = new URL(endpoint)
  let closing = new AbortController()
  let lines: Line[] = []

  async function takeLine(): Promise<Line> {
    // Loading undici asks Node for its own copy, which ends the process where there is no WebAssembly (--jitless).
    if (!('WebAssembly' in globalThis)) throw Object.assign(new Error(), { code: 'NO_WEBASSEMBLY' })
    const { buildConnector, Client, request } = await loadUndici()
    const idle = lines.find(line => !line.busy)
    if (idle) return Object.assign(idle, { busy: true })
    const connect = buildConnector({ timeout: Math.min(CONNECT_MS, requestTimeout) })
    const client = new Client(origin, {
      connect: (options, done) =>
        connect(options, (...[error, socket]) => {
          if (error) done(error, null)
          else done(null, keepNothing(socket))
        }),
      headersTimeout: requestTimeout,
      bodyTimeout: requestTimeout,
    })
    const line: Line = {
      client,
      request: request.bind(client),
      compress: createCompress(),
      connects: 0,
      busy: true,
    }
    client.on('connect', () => line.connects++)
    lines.push(line)
    return line
  }

  async function post(
    { request, compress }: Line,
    texts: readonly string[],
    options: SendOptions,
    signal: AbortSignal,
  ): Promise<Answer> {
    const body = bytesOf(texts, options.bytes)
    const zipped = options.compress && body.length > COMPRESS_ABOVE_BYTES
    const response = await request({
      method: 'POST',
      path: pathname + search,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'user-agent': `justanalytics-node/${version}`,
        ...(zipped && { 'content-encoding': 'gzip' }),
      },
      body: zipped ? await compress(body) : body,
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

  /** Another attempt starts anew: after a certificate for another host, undici's client never connects again. */
  function giveUp(line: Line): void {
    lines = lines.filter(other => other !== line)
    void line.client.destroy().catch(() => {})
  }

  return {
    async send(texts, options): Promise<Attempt> {
      const deadline = new AbortController()
      const end = (): void => deadline.abort()
      const { signal } = closing
      signal.addEventListener('abort', end, { once: true })
      let line: Line | undefined
      let before = 0
      let timer: NodeJS.Timeout | undefined
      try {
        line = await takeLine()
        before = line.connects
        // The one deadline: undici's own are idle timers, which a peer that drips bytes keeps resetting.
        timer = setTimeout(end, requestTimeout).unref()
        return await post(line, texts, options, deadline.signal)
      } catch (error) {
        const code = deadline.signal.aborted ? 'timeout' : codeOf(error)
        if (line) giveUp(line)
        return { kind: 'failure', code, reused: before > 0 && line?.connects === before }
      } finally {
        if (line) line.busy = false
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
      }
    },
    close() {
      closing.abort()
      // A connection being made outlives its request, and would keep the process.
      for (const { client } of lines) void client.destroy().catch(() => {})
      closing = new AbortController()
      lines = []
    },
  }
}

/**
 * One event goes as an object, several as an array: written one by one, without a text of all of them on the way.
 * @param bytes of the texts: measuring them again, when the processor has them at hand no longer, takes 0.3 µs for each
 */
function bytesOf(texts: readonly string[], bytes: number): Buffer {
  if (texts.length === 1) return Buffer.from(texts[0] as string)
  const body = Buffer.allocUnsafe(bytes + texts.length + 1)
  let at = 0
  for (const text of texts) {
    body[at] = at === 0 ? OPENING : COMMA
    at += 1 + body.write(text, at + 1)
  }
  body[at] = CLOSING
  return body
}

const [OPENING, COMMA, CLOSING] = Buffer.from('[,]') as unknown as [number, number, number]

/** An attempt under way is no reason for a process to live on: whoever awaits it has one of their own. */
function keepNothing(socket: Socket): Socket {
  socket.unref()
  // undici holds the process for each request.
  return Object.assign(socket, { ref: () => socket })
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
