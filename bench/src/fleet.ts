import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from './contenders.js'
import type { LoadVerbs } from './processes/load.js'
import type { Remote } from './processes/rpc.js'
import type { ServerVerbs } from './processes/server.js'
import type { SinkMode, SinkVerbs } from './processes/sink.js'
import { startProcess } from './processes/start.js'

export interface Member {
  readonly contender: Contender
  readonly remote: Remote<ServerVerbs>
  readonly port: number
  /** Made so far. */
  requests: number
}

/** All contenders at once, each in a process of its own, with the load and the sink. */
export interface Fleet {
  readonly members: readonly Member[]
  readonly load: Remote<LoadVerbs>
  readonly sink: Remote<SinkVerbs>
}

/** How a process ended that was asked to. */
export interface Ending {
  readonly contender: string
  /** From SIGTERM to the end; `null` where it did not come in time. */
  readonly seconds: number | null
}

/** What ended by itself in this time did. */
export const ENDING_MS = 15_000

export async function startFleet(contenders: readonly Contender[], mode: SinkMode): Promise<Fleet> {
  const sink = await startProcess<SinkVerbs>('sink', 'load')
  const load = await startProcess<LoadVerbs>('load', 'load')
  const addresses = await sink.call('addresses', undefined)
  const members: Member[] = []
  for (const contender of contenders) {
    const remote = await startServer(contender, addresses[mode])
    const { port } = await remote.call('facts', undefined)
    members.push({ contender, remote, port, requests: 0 })
  }
  return { members, load, sink }
}

export function startServer({ name }: Contender, sink: string): Promise<Remote<ServerVerbs>> {
  return startProcess<ServerVerbs>('server', 'server', [name, `${sink}/${name}`])
}

/** Asks all servers to end, and ends those that do not. The sink stays, to be asked. */
export async function endServers({ members }: Fleet): Promise<Ending[]> {
  return Promise.all(
    members.map(async ({ contender: { name }, remote: { child } }) => {
      const began = performance.now()
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const inTime = await Promise.race([ended.then(() => true), sleep(ENDING_MS, false, { ref: false })])
      child.kill('SIGKILL')
      await ended
      return { contender: name, seconds: inTime ? (performance.now() - began) / 1000 : null }
    }),
  )
}

/** Ends what is left of a fleet whose servers have ended. */
export async function endFleet({ load, sink }: Fleet): Promise<void> {
  for (const { child } of [load, sink]) {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}
