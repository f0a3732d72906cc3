import type { Start } from '../../apps/running.js'
import { startApitally } from '../apitally.js'

export const start: Start = sink => startApitally(sink, true)
