import { upgradeWebSocket } from 'hono/cloudflare-workers'
import { createTwins } from './app.js'

const { fetch } = createTwins(upgradeWebSocket)

export default { fetch }
