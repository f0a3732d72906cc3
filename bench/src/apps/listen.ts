import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Running } from './running.js'

/** Puts a server on a port of its own; `end` is called when it has closed. */
export async function listen(server: Server, end?: () => unknown): Promise<Running> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      await new Promise(resolve => server.close(resolve))
      await end?.()
    },
  }
}
