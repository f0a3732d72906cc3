import type { Contender } from './contenders.js'
import type { LoadVerbs } from './processes/load.js'
import type { Remote } from './processes/rpc.js'
import type { ServerVerbs, Usage } from './processes/server.js'
import type { SinkMode, SinkVerbs } from './processes/sink.js'
import { startProcess } from './processes/start.js'

export interface Member {
  readonly contender: Contender
  readonly remote: Remote<ServerVerbs>
  readonly port: number
  requests: number
}

/** All contenders at once, each in a process of its own, with the load and the sink. */
export interface Fleet {
  readonly members: readonly Member[]
  readonly load: Remote<LoadVerbs>
  readonly sink: Remote<SinkVerbs>
}

export async function startFleet(contenders: readonly Contender[], mode: SinkMode): Promise<Fleet> {
  const sink = await startProcess<SinkVerbs>('sink', 'load')
  const load = await startProcess<LoadVerbs>('load', 'load')
  const addresses = await sink.call('addresses', undefined)
  const members: Member[] = []
  for (const contender of contenders) {
    const { name } = contender
    const remote = await startProcess<ServerVerbs>('server', 'server', [name, `${addresses[mode]}/${name}`])
    const { port } = await remote.call('facts', undefined)
    members.push({ contender, remote, port, requests: 0 })
  }
  return { members, load, sink }
}

export type { Usage }
