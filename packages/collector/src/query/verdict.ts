import type { Store } from '../store/store.js'
import type { State } from './arithmetic/decide.js'
import type { Completeness } from './completeness.js'
import type { Search } from './parameters.js'
import { splitFlow } from './tracks.js'
import {
  type ErrorFacts,
  type Evidence,
  errorOf,
  gatherEvidence,
  iso,
  jobErrorOf,
} from './verdict/evidence.js'
import { type Case, investigate } from './verdict/investigate.js'
import { tell } from './verdict/sentence.js'
import { code, plain } from './verdict/text.js'

/** The answer to: what broke, since which deploy, and whom does it hit? `null` where it does not apply. */
export interface Verdict extends Completeness {
  state: State
  /** Of `deploy_suspect`. */
  strength: 'strong' | 'weak' | null
  /** The flow that fails most, as the filter `flow` takes it. */
  flow: string | null
  method: string | null
  route: string | null
  /** Of `jobs_only`: the job that fails. */
  job: string | null
  /** Of `one_user`; `null` where it is bots. */
  user: string | null
  /** The first failure of the trouble, ISO 8601. */
  onset: string | null
  /** When it went well again; `null` while it lasts. */
  recovered_at: string | null
  /** The suspect, and what had served before it. */
  release: string | null
  previous_release: string | null
  /** From 0 to 1, of the flow or the job from the onset on, or of all requests where nothing is wrong. */
  rate: number | null
  usual_rate: number | null
  /** From the onset to the recovery or the window's end. */
  failures: number
  requests: number
  /** Whom it failed. */
  users: number
  /** The error group behind it. */
  group: string | null
  error: ErrorFacts | null
  sentence: string
  evidence: Evidence[]
}

/** What broke, since which deploy, who is affected? */
export async function verdict(store: Store, search: Search, now: number): Promise<Verdict> {
  const found = await investigate(store, search, now)
  return {
    state: found.state,
    ...NOTHING,
    ...factsOf(found),
    strength: found.state === 'deploy_suspect' ? (found.flow?.strength ?? null) : null,
    sentence: tell(found, plain),
    evidence: gatherEvidence(found, plain),
    as_of: found.as_of,
    complete: found.complete,
    dropped: found.dropped,
  }
}

/** The same as a text, in Markdown. */
export async function verdictMarkdown(store: Store, search: Search, now: number): Promise<string> {
  const found = await investigate(store, search, now)
  const evidence = gatherEvidence(found, code).map(({ text }) => `* ${text}\n`)
  const { from, to } = found.window
  return [
    `# ${TITLES[found.state]}\n`,
    `${tell(found, code)}\n`,
    ...(evidence.length > 0 ? [evidence.join('')] : []),
    `From ${iso(from)} to ${iso(to)}, as of ${found.as_of}.\n`,
  ].join('\n')
}

const TITLES: Readonly<Record<State, string>> = {
  deploy_suspect: 'A deploy is suspect',
  external: 'It looks external',
  one_user: 'One user causes it',
  old_error_grew: 'An old error grew',
  traffic_up: 'Traffic is up',
  jobs_only: 'Jobs fail',
  quiet: 'All is quiet',
  not_enough_data: 'Not enough data',
  data_incomplete: 'The data are incomplete',
}

type Facts = Omit<Verdict, keyof Completeness | 'state' | 'sentence' | 'evidence'>

const NOTHING: Facts = {
  strength: null,
  flow: null,
  method: null,
  route: null,
  job: null,
  user: null,
  onset: null,
  recovered_at: null,
  release: null,
  previous_release: null,
  rate: null,
  usual_rate: null,
  failures: 0,
  requests: 0,
  users: 0,
  group: null,
  error: null,
}

function factsOf(found: Case): Partial<Facts> {
  if (found.flow) return ofFlow(found.flow)
  if (found.jobs && found.totals.requests > 0) return ofJobs(found.jobs)
  const { requests, failures } = found.totals
  return {
    requests: Math.round(requests),
    failures: Math.round(failures),
    rate: requests > 0 ? failures / requests : null,
    usual_rate: requests > 0 ? found.usual : null,
    users: found.users,
    ...(found.surge && {
      onset: iso(found.surge.from),
      recovered_at: found.surge.to === undefined ? null : iso(found.surge.to),
    }),
  }
}

function ofFlow(flow: NonNullable<Case['flow']>): Partial<Facts> {
  const { trouble, suspect, state } = flow
  const { method, route } = splitFlow(trouble.flow)
  const error = errorOf(flow) ?? null
  return {
    flow: trouble.flow.trim(),
    method: method || null,
    route: route || null,
    user:
      state === 'one_user' && (trouble.worst?.failures ?? 0) >= trouble.bots
        ? (trouble.worst?.user ?? null)
        : null,
    onset: iso(trouble.onset),
    recovered_at: trouble.recovered === undefined ? null : iso(trouble.recovered),
    release: suspect?.release ?? null,
    previous_release: suspect?.previous || null,
    rate: trouble.requests > 0 ? trouble.failures / trouble.requests : null,
    usual_rate: flow.usual.rate,
    failures: trouble.failures,
    requests: trouble.requests,
    users: trouble.users,
    group: error?.id ?? null,
    error,
  }
}

function ofJobs(trouble: NonNullable<Case['jobs']>): Partial<Facts> {
  const error = jobErrorOf(trouble) ?? null
  return {
    job: trouble.job,
    onset: iso(trouble.onset),
    recovered_at: trouble.recovered === undefined ? null : iso(trouble.recovered),
    rate: trouble.failures / trouble.requests,
    usual_rate: trouble.usual.rate,
    failures: Math.round(trouble.failures),
    requests: Math.round(trouble.requests),
    users: trouble.users,
    group: error?.id ?? null,
    error,
  }
}
