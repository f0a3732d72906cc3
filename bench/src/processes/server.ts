/** One contender's process: `node server.js <name> <sink>`. */
import { type Profiler, Session } from 'node:inspector/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { portOf, type Start } from '../apps/running.js'
import { answerCalls } from './rpc.js'

export interface Usage {
  /** Microseconds of CPU so far, all threads. */
  readonly cpu: number
  readonly rss: number
  readonly heap: number
  /** The longest time between two turns of the event loop since `begin`, in milliseconds; at most one too many. */
  readonly held: number
}

const [name = '', sink = ''] = process.argv.slice(2)
const { start } = (await import(`../contenders/${name}.js`)) as { start: Start }
const app = await start(sink)
/** Since the process began: importing, constructing, listening. */
const startUp = performance.now()

const SAMPLE_EVERY_US = 200
const session = new Session()
/** On a timer of its own, of a millisecond; the loop's turns are told apart no finer. */
const loop = monitorEventLoopDelay({ resolution: 1 })

process.once('SIGTERM', () => void app.close())

const verbs = {
  facts: () => ({ port: portOf(app), startUp }),
  /** Begins a turn; servers that have none would wake up for nothing. */
  begin(): Usage {
    loop.reset()
    loop.enable()
    return usage()
  },
  end(): Usage {
    loop.disable()
    return usage()
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

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return { cpu: user + system, rss, heap: heapUsed, held: loop.max / 1e6 }
}
