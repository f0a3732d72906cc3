import type { Start } from '../../apps/running.js'
import { startSentry } from '../sentry.js'

export const start: Start = sink => startSentry(sink, { tracesSampleRate: 1 })
