/** One contender's process: `node server.js <name> <sink>`. */
import { type Profiler, Session } from 'node:inspector/promises'
import { portOf, type Start } from '../apps/running.js'
import { answerCalls } from './rpc.js'

export interface Usage {
  /** Microseconds of CPU so far, all threads. */
  readonly cpu: number
  readonly rss: number
  readonly heap: number
}

const [name = '', sink = ''] = process.argv.slice(2)
const { start } = (await import(`../contenders/${name}.js`)) as { start: Start }
const app = await start(sink)
/** Since the process began: importing, constructing, listening. */
const startUp = performance.now()

const SAMPLE_EVERY_US = 200
const session = new Session()

process.once('SIGTERM', () => void app.close())

const verbs = {
  facts: () => ({ port: portOf(app), startUp }),
  usage(): Usage {
    const { rss, heapUsed } = process.memoryUsage()
    return { cpu: cpu(), rss, heap: heapUsed }
  },
  async startProfile(): Promise<void> {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US })
    await session.post('Profiler.start')
  },
  async stopProfile(): Promise<Profiler.Profile> {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    return profile
  },
}
export type ServerVerbs = typeof verbs
answerCalls(verbs)
// How the process ends is the contender's business.
process.channel?.unref()

function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
