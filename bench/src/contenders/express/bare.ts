import { serveExpress } from '../../apps/express.js'
import type { Start } from '../../apps/running.js'

export const start: Start = () => serveExpress()
