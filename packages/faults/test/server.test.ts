import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import {
  accept,
  answer,
  drip,
  endless,
  FaultServer,
  type FaultServerOptions,
  fin,
  makeAuthority,
  makeCertificate,
  openBlackHole,
  refusedUrl,
  reject,
  reset,
  type Script,
  silence,
  sip,
  stall,
  wait,
} from '../src/server/index.js'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]()
})

async function open(script: Script = {}, options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = await FaultServer.open({ script, ...options })
  opened.push(server)
  return server
}

const events = (...ids: string[]): string =>
  JSON.stringify(ids.map(event_id => ({ event: 'x', event_id, properties: {} })))

function post(body: string | Buffer, head = ''): Buffer {
  const length = Buffer.byteLength(body)
  const lines = `POST /v1/events HTTP/1.1\r\nHost: x\r\n${head}Content-Length: ${length}\r\n\r\n`
  return Buffer.concat([Buffer.from(lines), Buffer.from(body)])
}

/** Sends the bytes and reads until the text is there or the connection ends, as which it says. */
function talk(socket: Socket, bytes: string | Buffer, until = '\0'): Promise<string> {
  return new Promise(resolve => {
    let received = ''
    const end = (how: string): void => {
      socket.destroy()
      resolve(received + how)
    }
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      if (received.includes(until)) end('')
    })
    socket.on('end', () => end('<FIN>')).on('error', error => end(`<${(error as { code?: string }).code}>`))
    socket.write(bytes)
  })
}

const ask = (server: FaultServer, bytes: string | Buffer, until?: string): Promise<string> =>
  talk(connect(server.port, '127.0.0.1'), bytes, until)

describe('a script', () => {
  it.each<[string, Script, RegExp]>([
    ['takes everything by default', {}, /^HTTP\/1\.1 202 .*"accepted":1,"rejected":\[\]\}$/s],
    ['resets a new connection', { connect: [[reset]] }, /^<ECONNRESET>$/],
    ['ends a new connection', { connect: [[fin]] }, /^<FIN>$/],
    ['talks before it is spoken to', { connect: [['hello', fin]] }, /^hello<FIN>$/],
    ['answers a head before its body', { head: [[answer(413), fin]] }, /^HTTP\/1\.1 413 .*<FIN>$/s],
    ['resets in the middle of a header', { answer: [['HTTP/1.1 20', wait(20), reset]] }, /20<ECONNRESET>$/],
    ['drips', { answer: [[drip('abc', 5), fin]] }, /^abc<FIN>$/],
    ['answers with garbage', { answer: [[Buffer.from([0xff, 0x00]), fin]] }, /^\xff\0<FIN>$/],
    ['stops reading for a while', { connect: [[stall(50)]] }, /^HTTP\/1\.1 202/],
    ['sips what it reads', { connect: [[sip(5)]] }, /^HTTP\/1\.1 202/],
    ['rejects some', { answer: [reject(0, 7)] }, /"rejected":\[\{"index":0,"reason":"unwanted"\}\]\}$/],
  ])('%s', async (_name, script, expected) => {
    expect(
      await ask(await open(script), post(events('a')), expected.source.includes('FIN') ? '\x01' : '}'),
    ).toMatch(expected)
  })

  it('sends without an end until the peer goes', async () => {
    const server = await open({ answer: [[endless('x'.repeat(1000))]] })
    expect((await ask(server, post(events('a')), 'x'.repeat(200_000))).length).toBeGreaterThan(200_000)
  })

  it('has turns, and the last one stays', async () => {
    const server = await open({ answer: [[answer(500)], [answer(503)], accept] })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(Buffer.concat([post(events('a')), post(events('a'))]))
    expect(await talk(socket, Buffer.concat([post(events('a')), post(events('a'))]), '}HTTP')).toMatch(
      /^HTTP\/1\.1 500 .*1\.1 503 .*1\.1 202 .*HTTP/s,
    )
  })

  it('may be replaced', async () => {
    const server = await open({ answer: [[answer(500)]] })
    server.script = {}
    expect(await ask(server, post(events('a')), '}')).toMatch(/^HTTP\/1\.1 202/)
  })
})

describe('the ledger', () => {
  it('counts copies of whole bodies, packed and in chunks too', async () => {
    const server = await open()
    const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
    await ask(server, post(events('a', 'b')), '}')
    await ask(server, post(gzipSync(events('b')), 'Content-Encoding: gzip\r\n'), '}')
    await ask(server, `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(events('b'))}`, '}')
    expect(server.ledger.copies).toEqual({ most: 3, average: 2 })
    expect([...server.ledger.acknowledged]).toEqual(['a', 'b'])
    expect(server.ledger.requests.map(({ target }) => target)).toEqual(['/v1/events', '/v1/events', '/'])
  })

  it.each<[string, Script, string[]]>([
    ['a 503', { answer: [[answer(503), fin]] }, []],
    ['a page', { answer: [[answer(200, { headers: { 'Content-Type': 'text/html; x' } }), fin]] }, []],
    ['a header that is cut', { answer: [['HTTP/1.1 202 OK\r\nA: b\r\n', fin]] }, []],
    [
      'a header whose body never comes',
      { answer: [['HTTP/1.1 202 OK\r\nContent-Length: 9\r\n\r\n', fin]] },
      ['a', 'b'],
    ],
    [
      'interim answers and a 202',
      { answer: [['HTTP/1.1 103 Early\r\nA: b\r\n\r\n', answer(202), fin]] },
      ['a', 'b'],
    ],
    ['an interim answer', { answer: [['HTTP/1.1 100 Continue\r\n\r\n', fin]] }, []],
    ['a list of rejections', { answer: [reject(0)] }, ['b']],
  ])(
    '%s acknowledges as much as it says',
    async (_name, script, expected) => {
      const server = await open(script)
      await ask(server, post(events('a', 'b')), 'accepted')
      expect([...server.ledger.acknowledged]).toEqual(expected)
    },
    2000,
  )

  it('knows how many connections there were at once, and who left', async () => {
    const server = await open({ answer: [[silence]] })
    const [first, second] = [1, 2].map(() => connect(server.port, '127.0.0.1'))
    first?.write(post(events('a')))
    second?.write(post(events('b')))
    await server.until(({ requests }) => requests.length === 2)
    expect(server.ledger.connections).toMatchObject({ made: 2, open: 2, most: 2 })
    expect(server.ledger.underWay.most).toBe(2)
    first?.destroy()
    await server.until(({ connections }) => connections.open === 1)
    second?.resetAndDestroy()
    await server.until(({ connections, underWay }) => connections.open === 0 && underWay.now === 0)
  })
})

describe('addresses and certificates', () => {
  it('a port where nobody listens refuses', async () => {
    const { port } = new URL(await refusedUrl())
    expect(await talk(connect(Number(port), '127.0.0.1'), '')).toBe('<ECONNREFUSED>')
  })

  it.runIf(process.platform === 'linux')('a black hole answers no attempt to connect', async () => {
    const hole = await openBlackHole()
    opened.push(hole)
    const socket = connect({ port: Number(new URL(hole.url).port), host: '127.0.0.1', timeout: 300 })
    const connected = await new Promise(resolve =>
      socket.on('connect', () => resolve(true)).on('timeout', () => resolve(false)),
    )
    expect(connected).toBe(false)
    socket.destroy()
  })

  it.each([
    ['fine', {}, true, ''],
    ['out of date', { expired: true }, true, '<CERT_HAS_EXPIRED>'],
    ['for another address', { ip: '127.0.0.9' }, true, '<ERR_TLS_CERT_ALTNAME_INVALID>'],
    ['of an authority unknown', {}, false, '<UNABLE_TO_VERIFY_LEAF_SIGNATURE>'],
  ])('a certificate is %s', async (_name, options, trusted, error) => {
    const authority = await makeAuthority()
    const server = await open({}, { tls: await makeCertificate(authority, options) })
    const socket = connectTls({
      port: server.port,
      host: '127.0.0.1',
      ...(trusted && { ca: authority.cert }),
    })
    const told = await talk(socket, post(events('a')), '}')
    if (error) expect(told).toBe(error)
    else expect(told).toMatch(/^HTTP\/1\.1 202/)
  })
})
