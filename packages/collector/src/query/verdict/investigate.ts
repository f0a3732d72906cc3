import type { Store } from '../../store/store.js'
import { decide, type State } from '../arithmetic/decide.js'
import type { Surge } from '../arithmetic/surge.js'
import { byWeight, findTroubles, isBeyondChance, type Trouble } from '../arithmetic/trouble.js'
import { type Count, shrunkRate, sumOf, type Usual } from '../arithmetic/usual.js'
import { type Completeness, completeness } from '../completeness.js'
import { tellGroup } from '../group-id.js'
import { type Placed, readMarks } from '../marks.js'
import { readWindow, type Search, type Window } from '../parameters.js'
import { readFlows, readJobNames, type Track, type Tracks } from '../tracks.js'
import { type ComparedCandidate, readCandidates } from './candidates.js'
import { type CausedJobs, type JobTrouble, readJobTrouble } from './job-facts.js'
import { isNetwork } from './network.js'
import { readSurge } from './traffic.js'
import { countUsers, readTrouble, type TroubleFacts, type TroubleGroup } from './trouble-facts.js'

/** What was found about the flow that fails most. */
export interface FlowCase {
  trouble: TroubleFacts
  usual: Usual
  state: State
  strength: 'strong' | 'weak' | null
  suspect: ComparedCandidate | undefined
  /** Releases near the onset, the suspect among them. */
  candidates: ComparedCandidate[]
  /** The latest that came near as well and is none, as it serves well. */
  sound: ComparedCandidate | undefined
  network: boolean
  jobs: CausedJobs[]
  /** Other flows in trouble, the one with the most failures first. */
  others: { flow: string; requests: number; failures: number }[]
}

/** All that a verdict is told from. */
export interface Case extends Completeness {
  state: State
  window: Window
  /** Of the whole window. */
  totals: Count
  usual: number
  /** Whom requests of it failed, where no flow is in trouble. */
  users: number
  flow: FlowCase | undefined
  jobs: JobTrouble | undefined
  surge: Surge | undefined
}

/** Requests below which nothing is said. */
export const ENOUGH_REQUESTS = 50
/** Troubles that are looked at closely, should those that weigh more be of one user and small. */
const MOST_LOOKS = 4

export async function investigate(store: Store, search: Search, now: number): Promise<Case> {
  const window = readWindow(search, now)
  const [flows, jobTracks, groupOf, certainty] = await Promise.all([
    readFlows(store, search, window),
    readJobNames(store, search, window),
    tellGroup(store),
    completeness(store, search, window, now),
  ])
  const totals = sumOf(flows.items)
  const isEnough = totals.requests >= ENOUGH_REQUESTS
  const [flow, jobs] = await Promise.all([
    isEnough ? findFlow(store, search, window, flows, groupOf) : undefined,
    readJobTrouble(store, search, window, jobTracks, groupOf),
  ])
  const [surge, users] = await Promise.all([
    isEnough && !flow && !jobs ? readSurge(store, search, window) : undefined,
    flow || totals.failures === 0 ? 0 : countUsers(store, search, window, flows.failed),
  ])
  return {
    ...certainty,
    state: stateOf(certainty.dropped, isEnough, flow, jobs, surge),
    window,
    totals,
    usual: shrunkRate(sumOf(flows.items.map(({ usual }) => usual))),
    users,
    flow,
    jobs,
    surge,
  }
}

/** The first that holds; loss comes first where it could change the answer. */
function stateOf(
  dropped: number,
  isEnough: boolean,
  flow: FlowCase | undefined,
  jobs: JobTrouble | undefined,
  surge: Surge | undefined,
): State {
  if (dropped > 0 && !(flow && standsDespite(dropped, flow))) return 'data_incomplete'
  if (!isEnough) return 'not_enough_data'
  if (flow) return flow.state
  if (jobs) return 'jobs_only'
  return surge ? 'traffic_up' : 'quiet'
}

/** Were all lost events requests of the flow that went well, it would fail too often still; nor could as many failures elsewhere outweigh it. */
function standsDespite(dropped: number, { trouble, usual }: FlowCase): boolean {
  const { requests, failures, excess } = trouble
  return dropped < excess && isBeyondChance({ requests: requests + dropped, failures }, usual, 1)
}

interface Found {
  track: Track
  trouble: Trouble
}

async function findFlow(
  store: Store,
  search: Search,
  window: Window,
  flows: Tracks,
  groupOf: string,
): Promise<FlowCase | undefined> {
  const found = flows.items
    .flatMap(track =>
      findTroubles(track.buckets, track.usual, flows.items.length).map(trouble => ({ track, trouble })),
    )
    .sort((a, b) => byWeight(a.trouble, b.trouble))
  if (found.length === 0) return undefined
  const readBroken = async () => {
    for (const { track, trouble } of found.slice(0, MOST_LOOKS)) {
      const facts = await readTrouble(store, search, window, flows, groupOf, track, trouble)
      if (isBroken(facts)) return { track, facts }
    }
    return undefined
  }
  const [broken, marks] = await Promise.all([readBroken(), readMarks(store, search)])
  return broken && look(store, search, window, flows, broken.track, broken.facts, found, marks)
}

/** Two users at least, or twenty failures: one may do anything. */
export function isBroken({ users, failures }: { users: number; failures: number }): boolean {
  return users >= 2 || failures >= 20
}

async function look(
  store: Store,
  search: Search,
  window: Window,
  { step }: Tracks,
  track: Track,
  trouble: TroubleFacts,
  found: readonly Found[],
  marks: readonly Placed[],
): Promise<FlowCase> {
  const { candidates, sound } = await readCandidates(store, search, window, step, trouble, marks)
  const network = isNetwork(trouble)
  const { state, strength, suspect } = decide({
    ...trouble,
    worst: Math.max(trouble.worst?.failures ?? 0, trouble.bots),
    candidates,
    network,
  })
  const others = new Map<string, { flow: string; requests: number; failures: number }>()
  for (const other of found)
    if (other.track !== track && !others.has(other.track.name))
      others.set(other.track.name, {
        flow: other.track.name,
        requests: Math.round(other.trouble.requests),
        failures: Math.round(other.trouble.failures),
      })
  return {
    trouble,
    usual: track.usual,
    state,
    strength,
    suspect: candidates.find(candidate => candidate === suspect),
    candidates,
    sound,
    network,
    jobs: trouble.jobs,
    others: [...others.values()].slice(0, 3),
  }
}

/** An error of less is not what a trouble is about. */
const LEAST_SHARE = 0.2

/** The group that weighs most in a trouble, and its share of the excess. */
export function mainGroup({
  groups,
  excess,
}: TroubleFacts): { group: TroubleGroup; share: number } | undefined {
  const excessIn = ({ count, expected }: TroubleGroup) => Math.max(0, count - expected)
  const all = groups.reduce((sum, group) => sum + excessIn(group), 0)
  const [group] = groups.toSorted((a, b) => excessIn(b) - excessIn(a))
  if (!group) return undefined
  const share = Math.min(1, excessIn(group) / Math.max(excess, all, 1))
  return share < LEAST_SHARE ? undefined : { group, share }
}
