import { version } from '../version.js'
import {
  type Answer,
  type Attempt,
  COMPRESS_ABOVE_BYTES,
  codeOf,
  encode,
  MAX_ANSWER_BYTES,
  type Transport,
  type TransportOptions,
} from './transport.js'

/** The transport of platforms that are not Node: their own `fetch`, which keeps connections as it likes. */
export function createFetchTransport({ endpoint, apiKey, requestTimeout }: TransportOptions): Transport {
  const underWay = new Set<AbortController>()

  async function post(texts: readonly string[], zip: boolean, signal: AbortSignal): Promise<Answer> {
    const body = new TextEncoder().encode(encode(texts))
    const zipped = zip && body.length > COMPRESS_ABOVE_BYTES && typeof CompressionStream === 'function'
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'user-agent': `justanalytics-node/${version}`,
        ...(zipped && { 'content-encoding': 'gzip' }),
      },
      body: zipped ? await gzip(body) : body,
      redirect: 'manual',
      signal,
    })
    return {
      kind: 'answer',
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      retryAfter: response.headers.get('retry-after') ?? undefined,
      text: await read(response),
    }
  }

  return {
    async send(texts, { compress }): Promise<Attempt> {
      const attempt = new AbortController()
      underWay.add(attempt)
      const timer = setTimeout(() => attempt.abort(), requestTimeout)
      try {
        return await post(texts, compress, attempt.signal)
      } catch (error) {
        return { kind: 'failure', code: attempt.signal.aborted ? 'timeout' : codeOf(error), reused: false }
      } finally {
        clearTimeout(timer)
        underWay.delete(attempt)
      }
    },
    close() {
      for (const attempt of underWay) attempt.abort()
    },
  }
}

/** Whole, for a body of known length: some endpoints take no other. */
function gzip(body: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Response(stream).arrayBuffer()
}

async function read({ body }: Response): Promise<string | undefined> {
  if (!body) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return text + decoder.decode()
      size += value.length
      if (size > MAX_ANSWER_BYTES) {
        await reader.cancel()
        return undefined
      }
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    return undefined
  }
}
