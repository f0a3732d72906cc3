import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Agent, request } from 'undici'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Makes it leave without an answer. */
  signal?: AbortSignal
}

/** An ordinary client with its own connections. */
export class Client {
  readonly #agent = new Agent({ keepAliveTimeout: 1000 })
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async ask(path: string, { method = 'GET', headers = {}, body, signal }: Ask = {}): Promise<Answer> {
    const answer = await request(this.#url + path, {
      dispatcher: this.#agent,
      method: method as 'GET',
      headers: { 'user-agent': 'conformance', ...headers },
      body: body ?? null,
      ...(signal && { signal }),
    })
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

/** A client that does what no HTTP library lets one do. */
export class RawClient {
  readonly #socket: Socket
  #received = ''

  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const client = new RawClient(socket)
    await once(socket, 'connect')
    return client
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1').on('data', chunk => {
      this.#received += chunk
    })
    socket.on('error', () => {})
  }

  /** Sends one request without a body. */
  send(target: string, headers = ''): void {
    this.write(`GET ${target} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: conformance\r\n${headers}\r\n`)
  }

  write(text: string): void {
    this.#socket.write(text)
  }

  /** All bytes so far, once they contain `text`. */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      if (this.#socket.destroyed)
        throw new Error(`The connection ended with ${JSON.stringify(this.#received)}`)
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')])
    }
    return this.#received
  }

  /** All bytes until the server closes the connection. */
  async toTheEnd(): Promise<string> {
    if (!this.#socket.destroyed) await once(this.#socket, 'close')
    return this.#received
  }

  /** Leaves: with a FIN, or with a reset. */
  leave(how: 'close' | 'reset' = 'close'): void {
    if (how === 'close') this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }
}
