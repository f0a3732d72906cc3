import { serveHono } from '../../apps/hono.js'
import type { Start } from '../../apps/running.js'

export const start: Start = () => serveHono()
