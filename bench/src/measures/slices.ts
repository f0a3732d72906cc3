import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet, Member } from '../fleet.js'

/** One slice: the load on one server for a moment. */
export interface Slice {
  readonly contender: string
  readonly round: number
  /** Answered ones. */
  readonly requests: number
  readonly seconds: number
  /** Microseconds of CPU a request, all threads. */
  readonly cpu: number
  /** Bytes at the end of the slice. */
  readonly rss: number
  readonly heap: number
  /** Milliseconds: the longest time for which the event loop did not turn. */
  readonly held: number
}

/** One slice at a steady pace. */
export interface PacedSlice extends Slice {
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

export interface Rounds {
  readonly first: number
  /** The first round that is not made any more. */
  readonly end: number
  readonly seconds: number
  readonly onRound: (round: number) => void
}

/** What a request leaves behind belongs to its slice. */
export const SETTLE_MS = 50
/** Enough for V8 to have compiled what is hot. */
export const WARM_UP_SECONDS = 4

/** Lets every server run warm. */
export async function warmUp(fleet: Fleet): Promise<void> {
  for (const member of fleet.members) await saturateOne(fleet, member, -1, WARM_UP_SECONDS)
}

/** Paired slices at saturation: in each round every server has its turn, there and back again. */
export function saturate(fleet: Fleet, rounds: Rounds): Promise<Slice[]> {
  return inRounds(fleet, rounds, (member, round) => saturateOne(fleet, member, round, rounds.seconds))
}

/** The same at a steady pace. */
export function pace(fleet: Fleet, rate: number, rounds: Rounds): Promise<PacedSlice[]> {
  return inRounds(fleet, rounds, async (member, round) => {
    const order = { port: member.port, milliseconds: rounds.seconds * 1000, rate }
    let done = { made: 0, answered: 0, p50: 0, p99: 0 }
    const slice = await take(fleet, member, round, async () => {
      done = await fleet.load.call('pace', order)
      return { ...done, seconds: rounds.seconds }
    })
    return { ...slice, rate, p50: done.p50, p99: done.p99 }
  })
}

async function inRounds<S>(
  { members }: Fleet,
  { first, end, onRound }: Rounds,
  slice: (member: Member, round: number) => Promise<S>,
): Promise<S[]> {
  const slices: S[] = []
  for (let round = first; round < end; round++) {
    onRound(round)
    for (const member of round % 2 ? members.toReversed() : members) slices.push(await slice(member, round))
  }
  return slices
}

function saturateOne(fleet: Fleet, member: Member, round: number, seconds: number): Promise<Slice> {
  const order = { port: member.port, milliseconds: seconds * 1000 }
  return take(fleet, member, round, () => fleet.load.call('saturate', order))
}

async function take(
  { sink }: Fleet,
  member: Member,
  round: number,
  load: () => Promise<{ made: number; answered: number; seconds: number }>,
): Promise<Slice> {
  const { remote, contender } = member
  const before = await remote.call('begin', undefined)
  const { made, answered, seconds } = await load()
  await sleep(SETTLE_MS)
  const { cpu, ...rest } = await remote.call('end', undefined)
  await sink.call('read', undefined)
  member.requests += made
  return {
    contender: contender.name,
    round,
    requests: answered,
    seconds,
    cpu: (cpu - before.cpu) / Math.max(1, answered),
    ...rest,
  }
}
