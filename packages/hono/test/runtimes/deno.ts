import { createTwins } from './app.js'

declare const Deno: {
  serve(options: object, handler: unknown): { shutdown(): Promise<void> }
  exit(): void
  addSignalListener(signal: string, listener: () => void): void
}

const { analytics, fetch } = createTwins()
const onListen = ({ port }: { port: number }): void => console.log(`listening on http://127.0.0.1:${port}/`)
const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen }, fetch)
Deno.addSignalListener('SIGTERM', async () => {
  await server.shutdown()
  await analytics.close()
  Deno.exit()
})
