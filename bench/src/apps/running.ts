import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What reports an application's requests. */
export interface Reporter {
  /** Sends what is queued. */
  flush?(): Promise<unknown>
  /** How it should be ended, when the server has closed. */
  close?(): Promise<unknown>
}

/** An application that listens on a port of its own. */
export interface Running {
  readonly server: Server
  flush(): Promise<unknown>
  close(): Promise<unknown>
}

/**
 * What every contender's module exports as `start`.
 * @param sink address under which the sink takes what this contender reports
 */
export type Start = (sink: string) => Promise<Running>

/** What every application answers to `GET /users/:id`; the load tells an answer's end by its last bytes. */
export const ANSWER = { hello: 'world' } as const

/** Puts a server on a port of its own. */
export async function listen(server: Server, reporter: Reporter | undefined): Promise<Running> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    server,
    flush: async () => reporter?.flush?.(),
    async close() {
      await new Promise(resolve => server.close(resolve))
      await reporter?.close?.()
    },
  }
}

export function portOf({ server }: Running): number {
  return (server.address() as AddressInfo).port
}
