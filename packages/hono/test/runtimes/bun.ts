import { upgradeWebSocket, websocket } from 'hono/bun'
import { createTwins } from './app.js'

declare const Bun: {
  serve(options: object): { url: URL; stop(): Promise<void> }
}

const { analytics, fetch } = createTwins(upgradeWebSocket)
const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch, websocket })
process.once('SIGTERM', async () => {
  await server.stop()
  await analytics.close()
})
console.log(`listening on ${server.url}`)
