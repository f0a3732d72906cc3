import type { Profiler } from 'node:inspector/promises'
import type { Fleet, Member } from '../fleet.js'
import { ADAPTER, MEASURING, roomOf } from './rooms.js'

/** Microseconds a request, by where they went. */
export type Times = ReadonlyMap<string, number>

export interface Profile {
  /** The folders of core, our adapter, and each package beside them. */
  readonly rooms: Times
  /** Functions of core and our adapter, with what they call outside. */
  readonly functions: Times
}

const WARM_UP_MS = 4000

/** Profiles one server at saturation: what its main thread does for a request. */
export async function profile({ load }: Fleet, { remote, port }: Member, seconds: number): Promise<Profile> {
  await load.call('saturate', { port, milliseconds: WARM_UP_MS })
  await remote.call('startProfile', undefined)
  const { answered } = await load.call('saturate', { port, milliseconds: seconds * 1000 })
  return sum(await remote.call('stopProfile', undefined), answered)
}

function sum({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, requests: number): Profile {
  const rooms = new Map<string, number>()
  const functions = new Map<string, number>()
  const frames = new Map(nodes.map(node => [node.id, node.callFrame]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id])))
  for (const [i, sample] of samples.entries()) {
    let at: number | undefined = sample
    let room: string | undefined
    // What has no room of its own, natives and Node's own modules, counts for whoever called it.
    while (at !== undefined && room === undefined) {
      const frame = frames.get(at)
      room = frame && roomOf(frame)
      if (room === undefined) at = parents.get(at)
    }
    const name = frames.get(at ?? sample)?.functionName || '(anonymous)'
    if (room === MEASURING || name === '(idle)') continue
    const time = (timeDeltas[i] ?? 0) / requests
    add(rooms, room ?? (name.startsWith('(') ? name : 'Node'), time)
    if (room?.startsWith('core/') || room === ADAPTER) add(functions, `${room}: ${name}`, time)
  }
  return { rooms, functions }
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time)
}
