import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createFetchTransport } from '../../src/transport/fetch.js'
import type { Attempt, Transport } from '../../src/transport/transport.js'
import { createUndiciTransport } from '../../src/transport/undici.js'
import { accept, type Behaviour, Endpoint } from '../endpoint.js'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const makers = [
  ['undici', createUndiciTransport],
  ['fetch', createFetchTransport],
] as const

async function endpointFor(behaviour: Behaviour): Promise<Endpoint> {
  const endpoint = await Endpoint.open(behaviour)
  open.push(endpoint)
  return endpoint
}

/** Says nothing, or whatever `say` writes to each connection. */
async function rawEndpoint(say: (write: (text: string) => void) => void): Promise<string> {
  const server: Server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => say(text => void socket.write(text)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push({
    async [Symbol.asyncDispose]() {
      server.close()
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/events`
}

const EVENT = JSON.stringify({ event: 'x', properties: {} })
/** Of one to four bytes a character. */
const WIDE = JSON.stringify({ event: 'aé€😀', properties: {} })

function send(transport: Transport, texts: readonly string[], compress = false): Promise<Attempt> {
  return transport.send(texts, { compress, bytes: Buffer.byteLength(texts.join('')) })
}

describe.each(makers)('the transport over %s', (_name, create) => {
  const transportFor = (endpoint: string, requestTimeout = 5000): Transport => {
    const transport = create({ endpoint, apiKey: 'top-secret', requestTimeout })
    open.push({
      async [Symbol.asyncDispose]() {
        transport.close()
      },
    })
    return transport
  }

  it('posts one event as an object and several as an array, with key and agent', async () => {
    const endpoint = await endpointFor(accept)
    const transport = transportFor(endpoint.url)
    const answer = await send(transport, [EVENT])
    await send(transport, [EVENT, WIDE, EVENT])
    expect(answer).toEqual({
      kind: 'answer',
      status: 202,
      contentType: 'application/json',
      retryAfter: undefined,
      text: '{"accepted":1,"rejected":[]}',
    })
    const [one, several] = endpoint.received
    expect(one?.body).toEqual(JSON.parse(EVENT))
    expect(several?.body).toEqual([EVENT, WIDE, EVENT].map(text => JSON.parse(text)))
    expect(one).toMatchObject({
      method: 'POST',
      url: '/v1/events',
      headers: {
        authorization: 'Bearer top-secret',
        'content-type': 'application/json',
        'user-agent': expect.stringMatching(/^justanalytics-node\/\d+\.\d+\.\d+/),
        'content-length': String(EVENT.length),
      },
    })
  })

  it.each([
    [1024, undefined],
    [1025, 'gzip'],
  ])('sends a body of %d bytes with content encoding %s', async (bytes, encoding) => {
    const endpoint = await endpointFor(accept)
    const text = JSON.stringify({ event: 'x'.repeat(bytes - '{"event":""}'.length) })
    await send(transportFor(endpoint.url), [text], true)
    expect(endpoint.received[0]?.headers['content-encoding']).toBe(encoding)
    expect(endpoint.received[0]?.headers['content-length']).toMatch(/^\d+$/)
    expect(endpoint.received[0]?.body).toEqual(JSON.parse(text))
  })

  it('compresses body after body, however large and however little it shrinks', async () => {
    const endpoint = await endpointFor(accept)
    const transport = transportFor(endpoint.url)
    const texts = [2000, 1_000_000, 2000, 70_000, 500_000, 2000].map((length, index) =>
      JSON.stringify({
        event: index % 2 ? randomBytes(length / 2).toString('hex') : String(index).repeat(length),
      }),
    )
    for (const text of texts) await send(transport, [text], true)
    await Promise.all(texts.map(text => send(transport, [text], true)))
    const [inTurn, atOnce] = [endpoint.received.slice(0, texts.length), endpoint.received.slice(texts.length)]
    expect(inTurn.map(({ body }) => JSON.stringify(body))).toEqual(texts)
    expect(atOnce.map(({ body }) => JSON.stringify(body)).sort()).toEqual(texts.toSorted())
    expect(endpoint.received.every(({ headers }) => headers['content-encoding'] === 'gzip')).toBe(true)
  })

  it('does not compress when it is not to', async () => {
    const endpoint = await endpointFor(accept)
    await send(transportFor(endpoint.url), [JSON.stringify({ event: 'x'.repeat(5000) })])
    expect(endpoint.received[0]?.headers).not.toHaveProperty('content-encoding')
  })

  it('tells a redirect and does not follow it', async () => {
    const endpoint = await endpointFor(() => ({ status: 301, headers: { location: '/elsewhere' } }))
    expect(await send(transportFor(endpoint.url), [EVENT])).toMatchObject({
      kind: 'answer',
      status: 301,
    })
    expect(endpoint.received).toHaveLength(1)
  })

  it('tells Retry-After as it stands', async () => {
    const endpoint = await endpointFor(() => ({ status: 429, headers: { 'retry-after': '7' } }))
    expect(await send(transportFor(endpoint.url), [EVENT])).toMatchObject({
      status: 429,
      retryAfter: '7',
    })
  })

  it('reads 64 KiB of an answer and no more, whose status counts all the same', async () => {
    const answers: Record<string, string> = {
      '/v1/events': 'x'.repeat(64 * 1024),
      '/v1/more': 'x'.repeat(64 * 1024 + 1),
    }
    const endpoint = await endpointFor(({ url }) => ({ status: 202, body: answers[url] ?? '' }))
    const whole = await send(transportFor(endpoint.url), [EVENT])
    const cut = await send(transportFor(new URL('/v1/more', endpoint.url).href), [EVENT])
    expect(whole).toMatchObject({ status: 202, text: answers['/v1/events'] })
    expect(cut).toMatchObject({ status: 202, text: undefined })
  })

  it('fails where nobody listens', async () => {
    const gone = await Endpoint.open()
    const { url } = gone
    await gone[Symbol.asyncDispose]()
    expect(await send(transportFor(url), [EVENT])).toMatchObject({ kind: 'failure', reused: false })
  })

  it('fails where the line is cut', async () => {
    const endpoint = await endpointFor(() => 'reset')
    expect(await send(transportFor(endpoint.url), [EVENT])).toMatchObject({ kind: 'failure' })
  })

  it('fails with timeout once an endpoint is silent for as long as it may be', async () => {
    const url = await rawEndpoint(() => {})
    const start = performance.now()
    expect(await send(transportFor(url, 200), [EVENT])).toEqual({
      kind: 'failure',
      code: 'timeout',
      reused: false,
    })
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('fails with timeout where headers drip', async () => {
    const url = await rawEndpoint(write => {
      write('HTTP/1.1 202 Accepted\r\n')
      const dripping = setInterval(() => write('x-drip: 1\r\n'), 20)
      setTimeout(() => clearInterval(dripping), 1000)
    })
    expect(await send(transportFor(url, 200), [EVENT])).toMatchObject({ code: 'timeout' })
  })

  it('has its answer from the headers on, where the body drips', async () => {
    const url = await rawEndpoint(write => {
      write('HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\n')
      const dripping = setInterval(() => write('x'), 20)
      setTimeout(() => clearInterval(dripping), 1000)
    })
    expect(await send(transportFor(url, 200), [EVENT])).toMatchObject({ status: 202, text: undefined })
  })

  it('close ends what is under way, and a later attempt works again', async () => {
    const endpoint = await endpointFor(({ events }) =>
      (events[0]?.event === 'x' ? accept : () => 'silent' as const)({ events } as never),
    )
    const transport = transportFor(endpoint.url)
    const silent = send(transport, [JSON.stringify({ event: 'wait' })])
    await endpoint.until(({ received }) => received.length === 1)
    transport.close()
    expect(await silent).toMatchObject({ kind: 'failure' })
    expect(await send(transport, [EVENT])).toMatchObject({ status: 202 })
  })
})
