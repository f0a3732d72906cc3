import type { Profiler } from 'node:inspector/promises'
import type { Fleet, Member } from '../fleet.js'

/** Microseconds a request, by where they went. */
export type Rooms = Map<string, number>

const WARM_UP_MS = 4000

/** Profiles one server at saturation: what its main thread did, by room and by function. */
export async function profile(
  { load }: Fleet,
  { remote, port }: Member,
  seconds: number,
): Promise<{ rooms: Rooms; functions: Rooms }> {
  const saturate = (milliseconds: number): ReturnType<typeof load.call<'saturate'>> =>
    load.call('saturate', { port, milliseconds })
  await saturate(WARM_UP_MS)
  await remote.call('startProfile', undefined)
  const { answered } = await saturate(seconds * 1000)
  return sum(await remote.call('stopProfile', undefined), answered)
}

function sum(taken: Profiler.Profile, requests: number): { rooms: Rooms; functions: Rooms } {
  const rooms: Rooms = new Map()
  const functions: Rooms = new Map()
  const nodes = new Map(taken.nodes.map(node => [node.id, node]))
  const parents = new Map(taken.nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id])))
  taken.samples?.forEach((id, i) => {
    const name = nodes.get(id)?.callFrame.functionName ?? ''
    if (name === '(idle)') return
    const time = (taken.timeDeltas?.[i] ?? 0) / requests
    let at: number | undefined = id
    let room: string | undefined
    // What has no room of its own, natives and Node's own modules, counts for whoever called it.
    while (at !== undefined && room === undefined) {
      room = roomOf(nodes.get(at)?.callFrame.url ?? '')
      if (room === undefined) at = parents.get(at)
    }
    const frame = at === undefined ? undefined : nodes.get(at)?.callFrame
    add(rooms, room ?? (name.startsWith('(') ? name : 'Node'), time)
    if (frame && room) add(functions, `${room}: ${frame.functionName || '(anonymous)'}`, time)
  })
  return { rooms, functions }
}

function roomOf(url: string): string | undefined {
  const own = /\/packages\/(\w+)\/dist\/(?:(\w+)\/)?([\w-]+)\.js$/.exec(url)
  if (own) return own[1] === 'core' ? `core/${own[2] ?? own[3]}` : 'adapter'
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)
  if (dependency) return dependency[1]
  if (url.includes('/bench/dist/')) return 'bench'
  return undefined
}

function add(rooms: Rooms, room: string, time: number): void {
  rooms.set(room, (rooms.get(room) ?? 0) + time)
}
