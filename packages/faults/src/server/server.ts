import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { accept } from './answers.js'
import { RequestReader } from './http.js'
import { type Read, type Received, ReferenceLedger } from './ledger.js'
import { type Line, play, type Step } from './steps.js'

/** One entry for each time it is asked for, in turn; the last one for all times after it. */
export type Turns<T> = readonly [T, ...T[]]

/** Steps, or what makes them of a request. */
export type Answer = readonly Step[] | ((request: Received) => readonly Step[])

/** What the server does, and when. What is left out is done as a healthy endpoint does it. */
export interface Script {
  /** For each connection, before a byte of it is read. */
  readonly connect?: Turns<readonly Step[]>
  /** For each request, when its head is read and before its body is. */
  readonly head?: Turns<readonly Step[]>
  /** For each request, when it is whole. After its last step the connection waits for another request. */
  readonly answer?: Turns<Answer>
}

export interface FaultServerOptions {
  readonly script?: Script
  /** Speaks TLS with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** How events are found in a body, for clients that speak another wire than ours. */
  readonly read?: Read
}

/**
 * An endpoint on raw sockets that misbehaves by script, and writes down what it saw. It listens on a free port of
 * 127.0.0.1.
 *
 *     await using server = await FaultServer.open({ script: { answer: [[reset], accept] } })
 *     // … a client posts to server.url …
 *     server.ledger.copies.most
 */
export class FaultServer implements AsyncDisposable {
  readonly ledger: ReferenceLedger
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #secure: boolean
  readonly #watchers = new Set<() => void>()
  #script: Script
  #turns = { connect: 0, head: 0, answer: 0 }

  private constructor({ script = {}, tls, read }: FaultServerOptions) {
    this.ledger = new ReferenceLedger(read)
    this.#script = script
    this.#secure = tls !== undefined
    this.#server = tls ? createTlsServer(tls) : createServer({ noDelay: true })
    // Below TLS too: a handshake that never ends is a connection.
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      const leave = (): void => {
        if (!this.#sockets.delete(socket)) return
        this.ledger.connections.open--
        this.#look()
      }
      this.ledger.connected()
      // A peer that says it leaves is gone, though its connection may still be in the act of closing.
      socket
        .on('end', leave)
        .on('close', leave)
        .on('error', () => {})
    })
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => void this.#serve(socket))
    this.#server.on('tlsClientError', () => {})
  }

  static async open(options: FaultServerOptions = {}): Promise<FaultServer> {
    const server = new FaultServer(options)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${this.port}/v1/events`
  }

  /** Another script from now on, from its first turns. What is being played is played to its end. */
  set script(script: Script) {
    this.#script = script
    this.#turns = { connect: 0, head: 0, answer: 0 }
  }

  /** Waits until the ledger shows what is asked for; it is asked when a request came or ended, and when a peer left. */
  until(test: (ledger: ReferenceLedger) => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = (): void => {
        if (!test(this.ledger)) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  /** Cuts every connection and frees the port. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #serve(socket: Socket): Promise<void> {
    const connection = this.ledger.connections.made
    const gone = new AbortController()
    let current: Received | undefined
    socket.on('close', () => gone.abort()).on('error', () => {})
    socket.on('data', chunk => {
      this.ledger.bytes += chunk.length
    })
    const line: Line = {
      socket,
      gone: gone.signal,
      write: async bytes => {
        if (!socket.writable) return
        if (current) this.ledger.answer(current, bytes)
        const chunk = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
        if (!socket.write(chunk)) await once(socket, 'drain', { signal: gone.signal })
      },
    }
    const reader = new RequestReader(socket)
    await play(line, this.#next('connect', []))
    for (let head = await reader.head(); head; head = await reader.head()) {
      current = this.ledger.begin(head, connection)
      await play(line, this.#next('head', []))
      const body = await reader.body(head)
      if (body) {
        this.ledger.receive(current, body)
        const steps = this.#next<Answer>('answer', accept)
        const played = play(line, typeof steps === 'function' ? steps(current) : steps)
        this.#look()
        await played
      }
      this.ledger.underWay.now--
      this.#look()
    }
  }

  #look(): void {
    for (const look of this.#watchers) look()
  }

  #next<T>(moment: keyof Script, otherwise: T): T {
    const turns = (this.#script[moment] ?? [otherwise]) as Turns<T>
    return turns[Math.min(this.#turns[moment]++, turns.length - 1)] as T
  }
}
