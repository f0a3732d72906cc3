import { upgradeWebSocket } from 'hono/deno'
import { createTwins } from './app.js'

declare const Deno: {
  serve(options: object, handler: unknown): { shutdown(): Promise<void> }
  exit(): void
  addSignalListener(signal: string, listener: () => void): void
}
declare function addEventListener(type: 'error', listener: (event: Event) => void): void

// Without a word against it Deno ends when a handler of a socket throws.
addEventListener('error', event => event.preventDefault())

const { analytics, fetch } = createTwins(upgradeWebSocket)
const onListen = ({ port }: { port: number }): void => console.log(`listening on http://127.0.0.1:${port}/`)
const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen }, fetch)
Deno.addSignalListener('SIGTERM', async () => {
  await server.shutdown()
  await analytics.close()
  Deno.exit()
})
