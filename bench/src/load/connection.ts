import { connect, type Socket } from 'node:net'

/** The end of the one answer there is, whether it has a length or comes in chunks. */
const END = Buffer.from('"world"}')

/** How many the load opens to a server. */
export const CONNECTIONS = 64

/** One keep-alive connection with at most one request under way. */
export class Connection {
  onAnswer: () => void = () => {}
  readonly #socket: Socket
  #tail: Buffer = Buffer.alloc(0)

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      // Later ones show as answers that do not come.
      socket.on('error', reject)
      socket.once('connect', () => resolve(new Connection(socket)))
    })
  }

  static openMany(port: number, count: number): Promise<Connection[]> {
    return Promise.all(Array.from({ length: count }, () => Connection.open(port)))
  }

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', chunk => this.#take(chunk))
  }

  send(request: Buffer): void {
    this.#socket.write(request)
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.#isEnd(chunk)) {
      this.#tail = Buffer.alloc(0)
      this.onAnswer()
    } else {
      this.#tail = Buffer.concat([this.#tail, chunk])
    }
  }

  #isEnd(chunk: Buffer): boolean {
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk])
    return bytes.includes(END)
  }
}
