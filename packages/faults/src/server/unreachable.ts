import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** An address at which nobody listens: connections are refused. */
export async function refusedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}/v1/events`
}

/** A place that answers no attempt to connect, as behind a firewall that drops packets. */
export interface BlackHole extends AsyncDisposable {
  readonly url: string
}

/**
 * A listener that never accepts: its thread stands still, and its backlog is full. On Linux a further attempt to
 * connect then gets no answer at all.
 */
export async function openBlackHole(): Promise<BlackHole> {
  const worker = new Worker(`(${listenAndFreeze.toString()})()`, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  const fillers: Socket[] = []
  for (let full = false; !full; ) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    fillers.push(socket)
    full = await Promise.race([
      once(socket, 'connect').then(() => false),
      new Promise<boolean>(resolve => setTimeout(resolve, 250, true)),
    ])
  }
  return {
    url: `http://127.0.0.1:${port}/v1/events`,
    async [Symbol.asyncDispose]() {
      for (const socket of fillers) socket.destroy()
      await worker.terminate()
    },
  }
}

/** Runs in the worker as text: it sees nothing of this module. */
function listenAndFreeze(): void {
  const { createServer } = require('node:net') as typeof import('node:net')
  const { parentPort } = require('node:worker_threads') as typeof import('node:worker_threads')
  const server = createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort?.postMessage((server.address() as import('node:net').AddressInfo).port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
}
