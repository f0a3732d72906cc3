import type { Count } from './usual.js'

export type State =
  | 'deploy_suspect'
  | 'external'
  | 'one_user'
  | 'old_error_grew'
  | 'traffic_up'
  | 'jobs_only'
  | 'quiet'
  | 'not_enough_data'
  | 'data_incomplete'

/** An error group in a trouble. */
export interface GroupCount {
  count: number
  /** How many of its kind the usual would have been in these requests. */
  expected: number
  /** Of all that is stored, milliseconds since the epoch. */
  firstSeen: number
  firstRelease: string
}

/** A release that came into service near the onset. */
export interface Candidate {
  release: string
  previous: string
  at: number
  /** What it and the one before it did in the flow while both served. */
  sideBySide: { old: Count; new: Count }
  /** What it did in the flow before the onset. */
  before: Count
}

/** What is known of a trouble. */
export interface Facts extends Count {
  /** Milliseconds since the epoch. */
  onset: number
  excess: number
  /** Failures of whom it failed most, be it a bot. */
  worst: number
  groups: readonly GroupCount[]
  /** The latest first. */
  candidates: readonly Candidate[]
  /** Its faults are those of the network, or of others' services. */
  network: boolean
}

export interface Finding {
  state: 'deploy_suspect' | 'one_user' | 'old_error_grew' | 'external'
  strength: 'strong' | 'weak' | null
  suspect: Candidate | undefined
}

/** Requests of both releases before they are compared. */
const ENOUGH = 50
const HOUR = 3_600_000
const CLEARLY = 5
const ALIKE = 2
const MOST_OF_IT = 0.8
const ONE_USERS = 0.6

function rate({ requests, failures }: Count): number {
  return requests === 0 ? 0 : failures / requests
}

function isComparable({ sideBySide: { old, new: fresh } }: Candidate): boolean {
  return old.requests >= ENOUGH && fresh.requests >= ENOUGH
}

/** It fails at least five times as often as the one before it while both serve. */
function failsBeside(candidate: Candidate): boolean {
  const { old, new: fresh } = candidate.sideBySide
  return isComparable(candidate) && fresh.failures >= CLEARLY && rate(fresh) >= CLEARLY * rate(old)
}

/** The one before it fails, too: whatever it is, it did not come with this release. */
function failsAlike(candidate: Candidate): boolean {
  const { old, new: fresh } = candidate.sideBySide
  return (
    isComparable(candidate) && old.failures + fresh.failures >= CLEARLY && rate(fresh) < ALIKE * rate(old)
  )
}

/** The release had served the flow well before: at the trouble's rate, some requests would have failed. */
function servedWell(candidate: Candidate, facts: Facts): boolean {
  const { before } = candidate
  return (
    before.requests >= ENOUGH && before.requests * rate(facts) >= CLEARLY && rate(before) < rate(facts) / 2
  )
}

function excessOf({ count, expected }: GroupCount): number {
  return Math.max(0, count - expected)
}

/** The share of the groups' excess that some of them make; 0 where most failures belong to no group. */
function shareOf(facts: Facts, isOne: (group: GroupCount) => boolean): number {
  const sum = (groups: readonly GroupCount[]) => groups.reduce((sum, group) => sum + excessOf(group), 0)
  const all = sum(facts.groups)
  return all < facts.excess / 2 ? 0 : sum(facts.groups.filter(isOne)) / all
}

function isStrong(candidate: Candidate, facts: Facts): boolean {
  if (failsBeside(candidate)) return true
  if (failsAlike(candidate) || (facts.network && servedWell(candidate, facts))) return false
  return shareOf(facts, ({ firstRelease }) => firstRelease === candidate.release) >= MOST_OF_IT
}

/** What is behind a trouble: the first of these that holds. */
export function decide(facts: Facts): Finding {
  const { candidates, network } = facts
  const strong = candidates.find(candidate => isStrong(candidate, facts))
  if (strong) return { state: 'deploy_suspect', strength: 'strong', suspect: strong }
  if (facts.worst >= ONE_USERS * facts.excess)
    return { state: 'one_user', strength: null, suspect: undefined }
  if (grewOld(facts)) return { state: 'old_error_grew', strength: null, suspect: undefined }
  const isCleared = (candidate: Candidate) =>
    failsAlike(candidate) || (network && servedWell(candidate, facts))
  const suspect = candidates.find(candidate => !isCleared(candidate))
  const [latest] = candidates
  if (!suspect || (network && latest && isCleared(latest)))
    return { state: 'external', strength: null, suspect: undefined }
  return { state: 'deploy_suspect', strength: 'weak', suspect }
}

/**
 * The groups behind the excess are older than every release near the onset. Where there is none, they are to be
 * older than the trouble, and a fault of the network that was seen before is the network's still.
 */
function grewOld(facts: Facts): boolean {
  const { candidates, network, onset } = facts
  if (candidates.length === 0 && network) return false
  const first = Math.min(onset - HOUR, ...candidates.map(({ at }) => at))
  return shareOf(facts, ({ firstSeen }) => firstSeen < first) >= MOST_OF_IT
}
