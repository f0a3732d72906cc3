import { serveKoa } from '../../apps/koa.js'
import type { Start } from '../../apps/running.js'

export const start: Start = () => serveKoa()
