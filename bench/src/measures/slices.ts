import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet, Member } from '../fleet.js'

/** One slice: the load on one server for a moment. */
export interface Slice {
  readonly contender: string
  readonly round: number
  readonly requests: number
  readonly seconds: number
  /** Microseconds of CPU a request. */
  readonly cpu: number
  readonly rss: number
  readonly heap: number
}

const CONNECTIONS = 64
/** What a request leaves behind belongs to its slice. */
const SETTLE_MS = 50
/** Enough for V8 to have compiled what is hot. */
const WARM_UP_SECONDS = 3

export interface Rounds {
  readonly rounds: number
  readonly seconds: number
  readonly onRound?: (round: number) => void
}

/** Paired slices at saturation: in each round every server has its turn, there and back again. */
export async function saturate(fleet: Fleet, { rounds, seconds, onRound }: Rounds): Promise<Slice[]> {
  const slices: Slice[] = []
  for (const member of fleet.members) await saturateOne(fleet, member, -1, WARM_UP_SECONDS)
  for (let round = 0; round < rounds; round++) {
    onRound?.(round)
    const order = round % 2 ? fleet.members.toReversed() : fleet.members
    for (const member of order) slices.push(await saturateOne(fleet, member, round, seconds))
  }
  return slices
}

async function saturateOne(fleet: Fleet, member: Member, round: number, seconds: number): Promise<Slice> {
  const { remote, port, contender } = member
  const before = await remote.call('usage', undefined)
  const order = { port, connections: CONNECTIONS, milliseconds: seconds * 1000 }
  const done = await fleet.load.call('saturate', order)
  await sleep(SETTLE_MS)
  const { cpu, rss, heap } = await remote.call('usage', undefined)
  await fleet.sink.call('read', undefined)
  member.requests += done.answered
  return {
    contender: contender.name,
    round,
    requests: done.answered,
    seconds: done.seconds,
    cpu: (cpu - before.cpu) / done.answered,
    rss,
    heap,
  }
}
