import type { SocketRecord } from './socket.js'

/** What is needed of a server of the `ws` package. */
export interface SocketServer {
  readonly options: object
}

interface Socket {
  send(...args: unknown[]): void
  emit(name: string | symbol, ...args: unknown[]): boolean
}

type SocketClass = new (...args: unknown[]) => Socket

const records = new WeakMap<object, SocketRecord>()
const observed = new WeakSet<SocketClass>()

/**
 * Has a server make its sockets of a class that counts: `WebSocket` is its own option for that. A socket counts
 * from {@link observeSocket} on.
 */
export function observeServer({ options }: SocketServer): void {
  const chosen = options as { WebSocket?: SocketClass }
  if (chosen.WebSocket === undefined || observed.has(chosen.WebSocket)) return
  chosen.WebSocket = class WebSocket extends chosen.WebSocket {
    override send(...args: unknown[]): void {
      records.get(this)?.sent()
      super.send(...args)
    }

    override emit(name: string | symbol, ...args: unknown[]): boolean {
      const record = records.get(this)
      if (!record) return super.emit(name, ...args)
      if (name === 'message') record.received()
      try {
        return super.emit(name, ...args)
      } catch (error) {
        record.fail(error)
        throw error
      } finally {
        if (name === 'close') record.close(args[0] as number)
      }
    }
  }
  observed.add(chosen.WebSocket)
}

/** What tells of a socket from here on; the first one that is opened stays. */
export function observeSocket(socket: object, open: () => SocketRecord): SocketRecord {
  let record = records.get(socket)
  if (!record) {
    record = open()
    records.set(socket, record)
  }
  return record
}

/** Runs a handler of a socket; what it throws, or rejects with, is told and goes on as it would have. */
export function runHandler(record: SocketRecord, handler: () => unknown): unknown {
  const failed = (error: unknown): never => {
    record.fail(error)
    throw error
  }
  try {
    const result = handler()
    return result instanceof Promise ? result.catch(failed) : result
  } catch (error) {
    return failed(error)
  }
}
