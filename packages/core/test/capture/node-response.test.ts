import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { watchResponse } from '../../src/capture/node-response.js'

type End = { url: string; status: number | null; outcome: string; error?: string }
type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void

/** A real server whose responses are watched; `ends` grows as they end. */
class Watched {
  readonly ends: End[] = []
  readonly handled: string[] = []
  readonly #server: http.Server | http2.Http2Server
  readonly #news = new EventTarget()

  constructor(server: http.Server | http2.Http2Server, handler: Handler) {
    this.#server = server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      const url = request.url ?? ''
      watchResponse(request, response, (status, outcome, error) => {
        this.ends.push({ url, status, outcome, ...(error !== undefined && { error: String(error) }) })
        this.#news.dispatchEvent(new Event('news'))
      })
      handler(request, response)
      this.handled.push(url)
      this.#news.dispatchEvent(new Event('news'))
    })
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as net.AddressInfo).port
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#news as never, 'news')
  }

  async close(): Promise<void> {
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function serve(handler: Handler): Promise<{ server: Watched; client: net.Socket }> {
  const server = new Watched(http.createServer(), handler)
  const client = net.connect(await server.listen(), '127.0.0.1')
  client.on('error', () => {}).resume()
  closers.push(
    () => server.close(),
    () => client.destroy(),
  )
  await once(client, 'connect')
  return { server, client }
}

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`
const post = (url: string, length: number): string =>
  `POST ${url} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\nhi`
const never: Handler = () => {}
const begin: Handler = (_, response) => void response.writeHead(202).write('a')
const endless = (): Readable =>
  Readable.from(
    (async function* () {
      for (;;) {
        yield 'a'
        await new Promise(setImmediate)
      }
    })(),
  )

describe('a client that leaves', () => {
  const ways: Record<string, (client: net.Socket) => void> = {
    'closes its half': client => void client.end(),
    closes: client => client.destroy(),
    resets: client => void client.resetAndDestroy(),
  }
  const moments: [string, Handler, number | null][] = [
    ['before a header', never, null],
    ['in the body', begin, 202],
    ['in a piped body', (_, response) => void pipeline(endless(), response, () => {}), 200],
  ]
  for (const [way, leave] of Object.entries(ways)) {
    it.each(moments)(`${way} %s: client_abort`, async (_, handler, status) => {
      const { server, client } = await serve(handler)
      client.write(get('/'))
      if (status === null) await server.until(() => server.handled.length === 1)
      else await once(client, 'data')
      leave(client)
      await server.until(() => server.ends.length > 0)
      expect(server.ends).toEqual([{ url: '/', status, outcome: 'client_abort' }])
    })
  }

  it('after its body was read, where Node marks no abort', async () => {
    const { server, client } = await serve(request => void request.resume())
    client.write(post('/', 2))
    await server.until(() => server.handled.length === 1)
    client.destroy()
    await server.until(() => server.ends.length > 0)
    expect(server.ends).toEqual([{ url: '/', status: null, outcome: 'client_abort' }])
  })

  it('while the end of a large answer is still in the buffer, where Node says finish', async () => {
    const { server, client } = await serve((_, response) => void response.end(Buffer.alloc(50_000_000)))
    client.pause().write(get('/'))
    await server.until(() => server.handled.length === 1)
    client.resetAndDestroy()
    await server.until(() => server.ends.length > 0)
    expect(server.ends).toEqual([{ url: '/', status: 200, outcome: 'client_abort' }])
  })
})

describe('a server that breaks off', () => {
  const upstream = Object.assign(new Error('upstream'), { code: 'ECONNRESET', syscall: 'read' })
  const breaks: [string, Handler, error?: string][] = [
    ['destroys the response', (_, response) => void response.destroy()],
    ['destroys it with an error', (_, response) => void response.destroy(new Error('boom')), 'Error: boom'],
    ['passes on its upstream’s error', (_, response) => void response.destroy(upstream), 'Error: upstream'],
    ['destroys the socket', request => void request.socket.destroy()],
    ['destroys the socket with an error', request => void request.socket.destroy(new Error('boom'))],
  ]
  it.each(breaks)('%s before a header: stream_error without a status', async (_, handler, error) => {
    const { server, client } = await serve(handler)
    client.write(get('/'))
    await server.until(() => server.ends.length > 0)
    expect(server.ends).toEqual([
      { url: '/', status: null, outcome: 'stream_error', ...(error && { error }) },
    ])
  })

  it.each(breaks)('%s in the body: stream_error with the status sent', async (_, handler, error) => {
    const { server, client } = await serve((request, response) => {
      response.writeHead(206).write('a', () => handler(request, response))
    })
    client.write(get('/'))
    await server.until(() => server.ends.length > 0)
    expect(server.ends).toEqual([{ url: '/', status: 206, outcome: 'stream_error', ...(error && { error }) }])
  })

  const pipes: [string, (body: Readable, response: http.ServerResponse) => void][] = [
    ['pipeline()', (body, response) => void pipeline(body, response, () => {})],
    ['pipe()', (body, response) => void body.pipe(response)],
  ]
  it.each(pipes)('sends a stream that breaks by %s', async (_, pipe) => {
    const { server, client } = await serve((_, response) => {
      const body = endless()
      body.on('error', () => response.destroy())
      pipe(body, response)
      body.once('data', () => setImmediate(() => body.destroy(upstream)))
    })
    client.write(get('/'))
    await server.until(() => server.ends.length > 0)
    expect(server.ends).toEqual([
      { url: '/', status: 200, outcome: 'stream_error', error: 'Error: upstream' },
    ])
  })

  it('breaks off a stream that is well: its premature close is no error of the application', async () => {
    const { server, client } = await serve((_, response) => {
      response.once('pipe', () => setImmediate(() => response.destroy()))
      pipeline(endless(), response, () => {})
    })
    client.write(get('/'))
    await server.until(() => server.ends.length > 0)
    expect(server.ends[0]).toMatchObject({ outcome: 'stream_error' })
    expect(server.ends[0]).not.toHaveProperty('error')
  })

  it('lets a socket time out', async () => {
    const { server, client } = await serve(request => void request.socket.setTimeout(1))
    client.write(get('/'))
    await server.until(() => server.ends.length > 0)
    expect(server.ends).toEqual([{ url: '/', status: null, outcome: 'stream_error' }])
  })
})

describe('an answer to its end', () => {
  it('is ok, once each, on a connection that is kept and leaves no listener on it', async () => {
    let socket: net.Socket | undefined
    const { server, client } = await serve((request, response) => {
      socket = request.socket
      response.statusCode = request.url === '/2' ? 503 : 200
      response.end('x')
    })
    const counts: number[] = []
    for (const url of ['/1', '/2', '/3']) {
      client.write(get(url))
      await server.until(() => server.ends.at(-1)?.url === url)
      counts.push(socket?.listenerCount('close') ?? -1)
    }
    expect(server.ends).toEqual([
      { url: '/1', status: 200, outcome: 'ok' },
      { url: '/2', status: 503, outcome: 'ok' },
      { url: '/3', status: 200, outcome: 'ok' },
    ])
    expect(new Set(counts).size).toBe(1)
  })

  it('adds two listeners to the response, which ends with them', async () => {
    const counts: Record<string, number[]> = {}
    const server = http.createServer((request, response) => {
      const count = (): void => {
        for (const name of ['close', 'pipe', 'finish', 'error']) {
          counts[name] = [...(counts[name] ?? []), response.listenerCount(name)]
        }
      }
      count()
      watchResponse(request, response, count)
      count()
      response.writeHead(204).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => server.close())
    await fetch(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`)
    expect(counts).toEqual({ close: [0, 1, 1], pipe: [0, 1, 1], finish: [1, 1, 1], error: [0, 0, 0] })
  })

  it('that was over before anyone watched is told at once', async () => {
    const ends: unknown[] = []
    const server = http.createServer((request, response) => {
      response.writeHead(418).end()
      response.on('close', () => {
        watchResponse(request, response, (status, outcome, error) => ends.push([status, outcome, error]))
        ends.push('watched')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => server.close())
    await fetch(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`)
    expect(ends).toEqual([[418, 'ok', undefined], 'watched'])
  })
})

describe('pipelined requests', () => {
  const urls = Array.from({ length: 20 }, (_, index) => `/${index}`)

  it('are told each at its end, with at most one listener more on the socket', async () => {
    const waiting: http.ServerResponse[] = []
    let most = 0
    const { server, client } = await serve((request, response) => {
      waiting.push(response)
      most = Math.max(most, request.socket.listenerCount('close'))
      if (waiting.length === urls.length) for (const one of waiting.reverse()) one.end('x')
    })
    client.write(urls.map(get).join(''))
    await server.until(() => server.ends.length === urls.length)
    expect(server.ends).toEqual(urls.map(url => ({ url, status: 200, outcome: 'ok' })))
    expect(most).toBeLessThan(10)
  })

  it('are all told when the client leaves, and none of those in the queue has a status', async () => {
    const { server, client } = await serve((request, response) => {
      if (request.url !== '/0') response.end('x')
    })
    client.write(urls.map(get).join(''))
    await server.until(() => server.handled.length === urls.length)
    client.resetAndDestroy()
    await server.until(() => server.ends.length === urls.length)
    expect(server.ends).toEqual(urls.map(url => ({ url, status: null, outcome: 'client_abort' })))
  })
})

describe('HTTP/2', () => {
  type Http2Pair = { server: Watched; client: http2.ClientHttp2Session; socket: net.Socket }
  async function serveHttp2(handler: Handler): Promise<Http2Pair> {
    const server = new Watched(http2.createServer(), handler)
    const socket = net.connect(await server.listen(), '127.0.0.1')
    const client = http2.connect('http://127.0.0.1', { createConnection: () => socket }).on('error', () => {})
    closers.push(
      () => server.close(),
      () => client.destroy(),
    )
    return { server, client, socket }
  }
  const ask = (client: http2.ClientHttp2Session): http2.ClientHttp2Stream =>
    client
      .request({ ':path': '/' })
      .on('error', () => {})
      .resume()

  it.each<[string, Handler, number | null, string, error?: string]>([
    ['answers', (_, response) => void response.writeHead(201).end('x'), 201, 'ok'],
    ['answers without a body', (_, response) => void response.writeHead(204).end(), 204, 'ok'],
    ['destroys the response before a header', (_, response) => void response.destroy(), null, 'stream_error'],
    [
      'destroys the response in the body',
      (_, response) => void response.writeHead(200).write('a', () => response.destroy(new Error('boom'))),
      200,
      'stream_error',
      'Error: boom',
    ],
  ])('%s', async (_, handler, status, outcome, error) => {
    const { server, client } = await serveHttp2(handler)
    ask(client)
    await server.until(() => server.ends.length > 0)
    expect(server.ends).toEqual([{ url: '/', status, outcome, ...(error && { error }) }])
  })

  const ways: Record<string, (pair: Http2Pair, stream: http2.ClientHttp2Stream) => void> = {
    'cancels the stream': (_, stream) => stream.close(http2.constants.NGHTTP2_CANCEL),
    'ends the session': ({ client }) => client.destroy(),
    'resets the connection': ({ socket }) => void socket.resetAndDestroy(),
  }
  for (const [way, leave] of Object.entries(ways)) {
    it.each<[string, Handler, number | null]>([
      ['before a header', never, null],
      ['in the body', begin, 202],
      ['in a large answer', (_, response) => void response.end(Buffer.alloc(5_000_000)), 200],
    ])(`a client ${way} %s: client_abort`, async (_, handler, status) => {
      const pair = await serveHttp2(handler)
      const { server } = pair
      const stream = ask(pair.client).pause()
      if (status === null) await server.until(() => server.handled.length === 1)
      else await once(stream, 'response')
      leave(pair, stream)
      await server.until(() => server.ends.length > 0)
      expect(server.ends).toEqual([{ url: '/', status, outcome: 'client_abort' }])
    })
  }
})
