import { binomialTail } from '../arithmetic/binomial.js'
import type { ComparedCandidate } from './candidates.js'
import { type Case, ENOUGH_REQUESTS, type FlowCase, mainGroup } from './investigate.js'
import type { CausedJobs, JobTrouble } from './job-facts.js'
import { clock, count, counted, type Name, percent } from './text.js'
import type { TroubleFacts } from './trouble-facts.js'

/** The verdict in words, from fixed templates: the trouble, what is behind it, what followed from it. */
export function tell(found: Case, name: Name): string {
  const { state, flow, jobs } = found
  const day = found.window.to - 1
  switch (state) {
    case 'data_incomplete':
      return `The data are incomplete: ${counted(found.dropped, 'event')} of this time ${found.dropped === 1 ? 'was' : 'were'} lost before ${found.dropped === 1 ? 'it' : 'they'} arrived, which could change the answer. ${tellRest(found, name, day)}`
    case 'not_enough_data':
      return `Not enough data: ${counted(found.totals.requests, 'request')} in this window, and a verdict takes ${ENOUGH_REQUESTS}.${jobs ? ` ${tellJob(jobs, name, day)}` : ''}`
    case 'jobs_only':
      return jobs ? `${tellJob(jobs, name, day)} ${tellRequests(found)}` : ''
    case 'traffic_up':
      return tellSurge(found, day)
    case 'quiet':
      return `All is quiet: ${counted(found.totals.requests, 'request')}, of which ${tellRate(found)} failed, ${isAsUsual(found) ? 'as usual' : `usually ${percent(found.usual)}`}.`
    default:
      return flow ? tellFlow(flow, name, day) : ''
  }
}

/** What can be said of data that are not all there. */
function tellRest(found: Case, name: Name, day: number): string {
  if (found.flow) return `What did arrive says: ${tellFlow(found.flow, name, day)}`
  if (found.jobs) return `What did arrive says: ${tellJob(found.jobs, name, day)}`
  return isAsUsual(found)
    ? 'Nothing that did arrive fails more often than usual.'
    : `Of what did arrive ${tellRate(found)} failed, usually ${percent(found.usual)}.`
}

/** What may be chance is not called unusual. */
const BY_CHANCE = 0.05

function isAsUsual({ totals: { requests, failures }, usual }: Case): boolean {
  return binomialTail(failures, requests, usual) >= BY_CHANCE
}

/** Requests that are in no trouble. */
function tellRequests(found: Case): string {
  return isAsUsual(found)
    ? `Requests fail as rarely as usual: ${tellRate(found)}.`
    : `Of the requests ${tellRate(found)} fail, usually ${percent(found.usual)}.`
}

function tellRate({ totals: { requests, failures } }: Case): string {
  return requests === 0 ? 'none' : percent(failures / requests)
}

function tellFlow(flow: FlowCase, name: Name, day: number): string {
  const { trouble, suspect, jobs } = flow
  return join(
    tellTrouble(trouble, flow.usual.rate, name, day),
    tellCause(flow, name, day),
    ...failing(jobs).map(job => tellCaused(job, name)),
    suspect ? tellSides(suspect, name) : '',
  )
}

/** Sentences in a row, without those that have nothing to say. */
function join(...sentences: string[]): string {
  return sentences.filter(sentence => sentence !== '').join(' ')
}

/** `Since 03:02 UTC POST /pay fails 38 % (usual 0.4 %): 412 of 1,083 requests, 127 users.` */
function tellTrouble(trouble: TroubleFacts, usual: number, name: Name, day: number): string {
  const { flow, onset, recovered, requests, failures, users } = trouble
  const rate = percent(requests === 0 ? 0 : failures / requests)
  const whom = users > 0 ? `, ${counted(users, 'user')}` : ''
  const figures = `${rate} (usual ${percent(usual)}): ${count(failures)} of ${counted(requests, 'request')}${whom}`
  return recovered === undefined
    ? `Since ${clock(onset, day)} ${name(flow.trim())} fails ${figures}.`
    : `From ${clock(onset, day)} to ${clock(recovered, day)} ${name(flow.trim())} failed ${figures}; since then it does as usual.`
}

function tellCause(flow: FlowCase, name: Name, day: number): string {
  const { trouble, suspect, state, strength, network, candidates, sound } = flow
  const error = tellError(trouble, name, day)
  switch (state) {
    case 'deploy_suspect': {
      if (!suspect) return ''
      const came = `${name(suspect.release)} came into service at ${clock(suspect.at, day)}${suspect.previous ? ` after ${name(suspect.previous)}` : ''}`
      if (strength === 'weak') return join(error, `${came} and may be behind it, but nothing proves that.`)
      const main = mainGroup(trouble)
      const isNew = main !== undefined && main.group.firstRelease === suspect.release
      return join(isNew ? tellError(trouble, name, day, suspect.release) : error, `${came}.`)
    }
    case 'one_user':
      return join(tellWorst(flow, name), error)
    case 'old_error_grew':
      return join(
        error,
        `It is an old error that grew${candidates.length > 0 ? ': it was there before any release near' : ''}.`,
      )
    default:
      if (network && candidates.length > 0)
        return join(
          error,
          'It looks external: faults of the network or of another service hit all releases alike.',
        )
      if (candidates.length > 0)
        return join(error, 'It looks external: the releases near fail no more than those beside them.')
      if (sound)
        return join(
          error,
          `It looks external: ${name(sound.release)}, which came into service at ${clock(sound.at, day)}, fails ${count(sound.since.failures)} of ${counted(sound.since.requests, 'request')}.`,
        )
      return join(error, 'It looks external: no release came into service in the 48 hours before.')
  }
}

function tellWorst({ trouble: { worst, bots, failures } }: FlowCase, name: Name): string {
  if (bots > (worst?.failures ?? 0)) return `Bots make ${percent(bots / failures)} of the failures.`
  return worst
    ? `One user, ${name(worst.user)}, makes ${percent(worst.failures / failures)} of the failures.`
    : ''
}

/** `96 % of the new failures are one error, new in api@4f2c1 (first seen 03:00 UTC): TypeError: … in computeTotal (cart.ts).` */
function tellError(trouble: TroubleFacts, name: Name, day: number, release?: string): string {
  const main = mainGroup(trouble)
  if (!main) return ''
  const { group, share } = main
  const seen = `first seen ${clock(group.firstSeen, day)}`
  const since = release === undefined ? ` (${seen})` : `, new in ${name(release)} (${seen})`
  const place = group.culprit === '' ? '' : ` in ${name(group.culprit)}`
  return `${percent(share)} of the new failures are one error${since}: ${name(group.title)}${place}.`
}

/** `While both releases ran, old 0 of 130 failed, new 52 of 140.` */
export function tellSides(
  { sideBySide: { old, new: fresh }, release, previous }: ComparedCandidate,
  name: Name,
): string {
  if (old.requests === 0 || fresh.requests === 0) return ''
  return `While both releases ran, old ${count(old.failures)} of ${count(old.requests)} failed (${name(previous)}), new ${count(fresh.failures)} of ${count(fresh.requests)} (${name(release)}).`
}

/** Jobs of a trouble that fail, as far as they are worth a word. */
function failing(jobs: readonly CausedJobs[]): CausedJobs[] {
  return jobs.filter(({ attempts, failures }) => failures >= 2 && failures >= attempts / 10).slice(0, 3)
}

export function tellCaused({ job, attempts, failures }: CausedJobs, name: Name): string {
  return `Downstream: job ${name(job)} fails ${count(failures)} of ${count(attempts)}.`
}

export function tellJob(trouble: JobTrouble, name: Name, day: number): string {
  const { job, onset, recovered, requests, failures, usual, error } = trouble
  const figures = `${percent(failures / requests)} (usual ${percent(usual.rate)}): ${count(failures)} of ${counted(requests, 'job')}`
  const lead =
    recovered === undefined
      ? `Since ${clock(onset, day)} job ${name(job)} fails ${figures}.`
      : `From ${clock(onset, day)} to ${clock(recovered, day)} job ${name(job)} failed ${figures}; since then it does as usual.`
  if (!error) return lead
  return `${lead} ${percent(Math.min(1, error.share))} of these are one error (first seen ${clock(error.firstSeen, day)}): ${name(error.title)}${error.culprit === '' ? '' : ` in ${name(error.culprit)}`}.`
}

function tellSurge(found: Case, day: number): string {
  const { surge } = found
  if (!surge) return ''
  const { from, to, requests, usual } = surge
  const when =
    to === undefined ? `Since ${clock(from, day)}` : `From ${clock(from, day)} to ${clock(to, day)}`
  const came = counted(requests, 'request')
  const lead =
    usual < 1
      ? `${when} ${came} came where there usually are none.`
      : `${when} traffic ${to === undefined ? 'is' : 'was'} ${Number((requests / usual).toFixed(1))} times the usual: ${came} against ${count(usual)}.`
  return `${lead} ${tellRequests(found)}`
}
