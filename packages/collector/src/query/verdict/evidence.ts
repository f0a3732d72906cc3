import type { Basis } from '../arithmetic/usual.js'
import { type Case, type FlowCase, mainGroup } from './investigate.js'
import type { JobTrouble } from './job-facts.js'
import { tellCaused, tellJob, tellSides } from './sentence.js'
import { clock, count, counted, type Name, percent } from './text.js'

export interface ReleaseCount {
  release: string
  requests: number
  failures: number
}

/** An error group in words. */
export interface ErrorFacts {
  id: string
  title: string
  exception_type: string
  culprit: string
  first_seen: string
  first_release: string | null
  /** Of the failures beyond the usual, from 0 to 1. */
  share: number
}

/** What a verdict rests on; `text` is a sentence. */
export type Evidence = { text: string } & (
  | { kind: 'side_by_side'; from: string; to: string; old: ReleaseCount; new: ReleaseCount }
  | { kind: 'release'; release: string; previous_release: string | null; at: string }
  | { kind: 'error'; error: ErrorFacts }
  | { kind: 'job'; job: string; queue: string | null; attempts: number; failures: number }
  | { kind: 'user'; user: string; failures: number; share: number }
  | { kind: 'usual'; basis: Basis; rate: number }
  | { kind: 'flow'; flow: string; failures: number; requests: number }
  | { kind: 'traffic'; requests: number; usual: number }
  | { kind: 'dropped'; dropped: number }
)

const BASES: Readonly<Record<Basis, string>> = {
  week: 'the same hours of the 7 days before',
  day: 'the 24 hours before',
  none: 'no past: nothing is known of it before',
}

/** What a case rests on, the weightiest first. */
export function gatherEvidence(found: Case, name: Name): Evidence[] {
  const day = found.window.to - 1
  const evidence: Evidence[] = []
  if (found.dropped > 0)
    evidence.push({
      kind: 'dropped',
      dropped: found.dropped,
      text: `${counted(found.dropped, 'event')} of this time ${found.dropped === 1 ? 'was' : 'were'} lost before arriving, as the clients report.`,
    })
  if (found.flow) evidence.push(...ofFlow(found.flow, name, day))
  if (found.jobs && !found.flow?.jobs.some(({ job, failures }) => job === found.jobs?.job && failures > 0))
    evidence.push(...ofJobs(found.jobs, name, day))
  if (found.surge)
    evidence.push({
      kind: 'traffic',
      requests: Math.round(found.surge.requests),
      usual: Math.round(found.surge.usual),
      text: `${counted(found.surge.requests, 'request')} came where ${count(found.surge.usual)} are usual.`,
    })
  return evidence
}

function ofFlow(flow: FlowCase, name: Name, day: number): Evidence[] {
  const { trouble, suspect, jobs, others, usual } = flow
  const evidence: Evidence[] = []
  const shown = suspect ?? flow.candidates[0] ?? flow.sound
  for (const candidate of shown ? [shown] : []) {
    const { release, previous, at, sideBySide, overlap } = candidate
    const text = tellSides(candidate, name)
    if (overlap && text !== '')
      evidence.push({
        kind: 'side_by_side',
        text,
        from: iso(overlap.from),
        to: iso(overlap.to),
        old: { release: previous, ...sideBySide.old },
        new: { release, ...sideBySide.new },
      })
    evidence.push({
      kind: 'release',
      release,
      previous_release: previous || null,
      at: iso(at),
      text: `${name(release)} came into service at ${clock(at, day)}${previous === '' ? '' : ` after ${name(previous)}`}.`,
    })
  }
  const error = errorOf(flow)
  if (error)
    evidence.push({
      kind: 'error',
      error,
      text: `${percent(error.share)} of the new failures: ${name(error.title)}${error.culprit === '' ? '' : ` in ${name(error.culprit)}`}, first seen ${clock(Date.parse(error.first_seen), day)}${error.first_release ? ` in ${name(error.first_release)}` : ''}.`,
    })
  const { worst, failures } = trouble
  if (worst && worst.failures >= failures / 10)
    evidence.push({
      kind: 'user',
      user: worst.user,
      failures: worst.failures,
      share: worst.failures / failures,
      text: `The user it fails most, ${name(worst.user)}, met ${count(worst.failures)} of ${count(failures)} failures.`,
    })
  for (const job of jobs)
    if (job.failures > 0) evidence.push({ kind: 'job', ...job, text: tellCaused(job, name) })
  for (const other of others)
    evidence.push({
      kind: 'flow',
      ...other,
      text: `In the same window ${name(other.flow.trim())} fails ${count(other.failures)} of ${counted(other.requests, 'request')}.`,
    })
  evidence.push({
    kind: 'usual',
    basis: usual.basis,
    rate: usual.rate,
    text: `The usual ${percent(usual.rate)} is that of ${BASES[usual.basis]}.`,
  })
  return evidence
}

function ofJobs(trouble: JobTrouble, name: Name, day: number): Evidence[] {
  const { job, queue, requests, failures, usual } = trouble
  const error = jobErrorOf(trouble)
  return [
    { kind: 'job', job, queue, attempts: requests, failures, text: tellJob(trouble, name, day) },
    ...(error
      ? [{ kind: 'error' as const, error, text: `${percent(error.share)} of these: ${name(error.title)}.` }]
      : []),
    {
      kind: 'usual',
      basis: usual.basis,
      rate: usual.rate,
      text: `The usual ${percent(usual.rate)} is that of ${BASES[usual.basis]}.`,
    },
  ]
}

export function errorOf({ trouble }: FlowCase): ErrorFacts | undefined {
  const main = mainGroup(trouble)
  if (!main) return undefined
  const { id, title, exception_type, culprit, firstSeen, firstRelease } = main.group
  return {
    id,
    title,
    exception_type,
    culprit,
    first_seen: iso(firstSeen),
    first_release: firstRelease || null,
    share: main.share,
  }
}

export function jobErrorOf({ error }: JobTrouble): ErrorFacts | undefined {
  if (!error) return undefined
  const { firstSeen, firstRelease, share, ...said } = error
  return {
    ...said,
    first_seen: iso(firstSeen),
    first_release: firstRelease || null,
    share: Math.min(1, share),
  }
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}
