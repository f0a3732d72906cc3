import type { Socket } from 'node:net'

/** The first lines of a request. */
export interface Head {
  readonly method: string
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** Just enough HTTP/1.1 to know what a well-behaved client sent. */
export class RequestReader {
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true
        this.#wake()
      })
    }
  }

  /** @returns `undefined` when the peer leaves before its head is whole */
  async head(): Promise<Head | undefined> {
    const text = await this.#until('\r\n\r\n')
    if (text === undefined) return undefined
    const [first = '', ...lines] = text.split('\r\n')
    const [method = '', target = ''] = first.split(' ')
    const fields = lines.map(line => /^([^:]*):\s*(.*)$/.exec(line)?.slice(1) ?? [line, ''])
    return {
      method,
      target,
      headers: Object.fromEntries(fields.map(([name = '', value = '']) => [name.toLowerCase(), value])),
    }
  }

  /** @returns `undefined` when the peer leaves before the body is whole */
  async body({ headers }: Head): Promise<Buffer | undefined> {
    if (headers['transfer-encoding'] !== 'chunked')
      return await this.#take(Number(headers['content-length'] ?? 0))
    const chunks: Buffer[] = []
    for (;;) {
      const size = await this.#until('\r\n')
      const chunk = size === undefined ? undefined : await this.#take(Number.parseInt(size, 16))
      if (!chunk || (await this.#until('\r\n')) === undefined) return undefined
      if (chunk.length === 0) return Buffer.concat(chunks)
      chunks.push(chunk)
    }
  }

  async #until(mark: string): Promise<string | undefined> {
    for (;;) {
      const at = this.#bytes.indexOf(mark)
      if (at >= 0) {
        const text = this.#bytes.toString('latin1', 0, at)
        this.#bytes = this.#bytes.subarray(at + mark.length)
        return text
      }
      if (this.#ended) return undefined
      await this.#more()
    }
  }

  async #take(length: number): Promise<Buffer | undefined> {
    while (this.#bytes.length < length) {
      if (this.#ended) return undefined
      await this.#more()
    }
    const taken = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return taken
  }

  #more(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }
}
