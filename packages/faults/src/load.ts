import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { AnalyticsOptions, Stats } from '@justanalytics/core'

/** How a process under load is doing. */
export interface State {
  readonly stats: Stats
  /** Bytes in use more than at the start, garbage apart. */
  readonly grown: number
}

export interface FinalState extends State {
  readonly flushed: boolean
  /** What it warned of. */
  readonly lines: readonly string[]
}

export interface Load {
  /** Ends the load, lets the client deliver what it can in so many milliseconds, and ends the process. */
  stop(patience: number): Promise<FinalState>
}

/** Starts a process that captures so many events a second, and tells of itself once a second. */
export function startLoad(options: AnalyticsOptions, rate: number, onState: (state: State) => void): Load {
  const app = fileURLToPath(new URL('../apps/load.mjs', import.meta.url))
  const child = fork(app, [JSON.stringify({ options, rate })], { execArgv: ['--expose-gc'] })
  let state: State | undefined
  child.on('message', (told: State) => {
    state = told
    onState(told)
  })
  return {
    async stop(patience) {
      child.send({ patience })
      await once(child, 'exit')
      if (!state || !('lines' in state)) throw new Error('The process under load ended before its time.')
      return state as FinalState
    },
  }
}
