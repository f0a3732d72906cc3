import type { StoredEvent } from './answers.js'

/** The collector's answers as they are; what is not known is `null` there. Moments are ISO 8601. */
export interface Answered {
  as_of: string
  complete: boolean
  dropped: number
}

export interface Listed<T> extends Answered {
  items: T[]
  /** There are more than these. */
  next?: string
}

/** Where something happens: an environment of a site. */
export interface Place {
  site: string
  environment: string | null
  /** The release that came last. */
  deploy: { release: string; at: string } | null
}

export type VerdictState =
  | 'deploy_suspect'
  | 'external'
  | 'one_user'
  | 'old_error_grew'
  | 'traffic_up'
  | 'jobs_only'
  | 'quiet'
  | 'not_enough_data'
  | 'data_incomplete'

/** A group in the words of a verdict. */
interface ErrorFacts {
  id: string
  title: string
}

export interface Evidence {
  kind: string
  /** A sentence of plain text. */
  text: string
}

export interface Verdict extends Answered {
  state: VerdictState
  /** Of a suspect deploy alone. */
  strength: 'strong' | 'weak' | null
  flow: string | null
  job: string | null
  user: string | null
  onset: string | null
  /** `null` while it lasts, and where nothing is wrong. */
  recovered_at: string | null
  release: string | null
  previous_release: string | null
  rate: number | null
  usual_rate: number | null
  failures: number
  requests: number
  users: number
  group: string | null
  error: ErrorFacts | null
  /** Plain text. */
  sentence: string
  evidence: Evidence[]
}

export interface Flow {
  /** `POST /checkout/:cart/pay`: what the filter takes. */
  flow: string
  /** People open it. */
  page: boolean
  requests: number
  failures: number
  rejected: number
  rate: number
  usual_rate: number
  excess: number
  /** Past chance. */
  broken: boolean
  /** Whom it failed. */
  users: number
  p95_ms: number | null
  usual_p95_ms: number | null
  onset: string | null
  recovered_at: string | null
  release: string | null
  error: ErrorFacts | null
  calls: { flow: string; requests: number }[]
  jobs: { job: string; queue: string | null; attempts: number; failures: number }[]
}

export interface Release {
  release: string
  site: string
  environment: string | null
  first_seen: string
  last_seen: string
  intervals: { from: string; to: string | null }[]
  /** It came back. */
  rollback: boolean
  previous: string | null
  requests: number
  share: number
  failures: number
  rate: number
  errors: { new: number; grown: number; gone: number }
}

interface Side {
  release: string
  requests: number
  failures: number
  rate: number
}

interface Rate {
  count: number
  per_1000: number
}

export interface GroupRate {
  id: string
  title: string
  exception_type: string
  culprit: string
  a: Rate
  b: Rate
}

export interface Comparison extends Answered {
  a: Side
  b: Side
  new: GroupRate[]
  grown: GroupRate[]
  same: GroupRate[]
  gone: GroupRate[]
}

export type Badge = 'NEW' | 'GROWN' | 'REGRESSED' | 'MUTED'

export interface Group {
  id: string
  title: string
  exception_type: string | null
  culprit: string | null
  count: number
  users: number
  /** Routes with their methods, or names of jobs; the most hit first. */
  flows: string[]
  first_seen: string
  last_seen: string
  first_release: string | null
  last_release: string | null
  badge: Badge | null
  status: 'open' | 'resolved' | 'muted'
  muted_until: string | null
  /** Counts of equal steps of the window. */
  sparkline: number[]
  why: string[]
  /** Groups that were merged into it. */
  merged: string[]
}

/** A line of a stack that the collector took apart. */
export interface SourceFrame {
  function: string | null
  file: string
  line: number | null
  column: number | null
  own: boolean
  async?: true
  source?: { start: number; lines: string[] }
}

/** A stack that was taken apart, and those of its causes. */
export interface Stacks {
  frames: SourceFrame[]
  causes: { frames: SourceFrame[] }[]
}

export interface EventStacks extends Stacks {
  event_id: string
  /** Its group of errors. */
  group: string | null
}

export interface Occurrence extends Stacks {
  event: StoredEvent
}

export interface Act {
  id: string
  at: string
  act: 'resolve' | 'mute' | 'merge' | 'split' | 'undo' | 'reopen'
  groups: string[]
  target: string | null
  until: string | null
  undone: boolean
}

export interface GroupAnswer extends Answered {
  group: Group
  causes: { exception_type: string; exception_message: string }[]
  releases: { release: string | null; count: number; first_seen: string; last_seen: string }[]
  worst_hit: { user: string; count: number; last_seen: string }[]
  occurrences: { items: Occurrence[]; next?: string }
  /** Newest first. */
  acts: Act[]
}

export interface ListedRequest {
  id: string | null
  event_id: string
  event: 'pageview' | 'api_request'
  timestamp: string
  method: string | null
  path: string | null
  route: string | null
  status_code: number | null
  outcome: string | null
  failed: boolean
  duration_ms: number | null
  user_id: string | null
  visitor_id: string | null
  release: string | null
  exception: { group: string | null; title: string } | null
}

export interface ListedUser {
  id: string
  kind: 'user' | 'visitor'
  requests: number
  failures: number
  rejected: number
  task_failures: number
  first_seen: string
  last_seen: string
  first_failure: string | null
  last_failure: string | null
  state: 'failing' | 'recovered' | 'fine'
  groups: { id: string; title: string; count: number }[]
}

export interface UserList extends Listed<ListedUser> {
  totals: {
    users: number
    visitors: number
    affected_users: number
    affected_visitors: number
    failing: number
  }
}

export interface Attempt {
  event_id: string
  attempt: number | null
  state: 'completed' | 'failed'
  timestamp: string
  duration_ms: number | null
  wait_ms: number | null
  final: boolean
  reason: string | null
  exception_type: string | null
  exception_message: string | null
  traceback: string | null
  causes: unknown[]
  release: string | null
}

export interface JobFacts {
  id: string | null
  task_name: string | null
  queue: string | null
  state: 'completed' | 'failed' | 'retrying'
  max_attempts: number | null
  first_seen: string
  last_seen: string
  wait_ms: number | null
  duration_ms: number | null
  exception_type: string | null
  exception_message: string | null
  release: string | null
  enqueued_release: string | null
  request_id: string | null
  user_id: string | null
}

export interface ListedJob extends JobFacts {
  attempts: number
}

export interface Job extends JobFacts {
  attempts: Attempt[]
}

export interface JobAnswer extends Answered, Job {
  request: StoredEvent | null
  frames: EventStacks[]
}

/** What came of all jobs of one name and queue. */
export interface JobName {
  task_name: string
  queue: string | null
  done: number
  failed: number
  retried: number
  wait_p95_ms: number | null
  run_p95_ms: number | null
  /** Flows, the most frequent first. */
  caused_by: string[]
}

export interface JobList extends Listed<ListedJob> {
  names: JobName[]
}

export interface RequestAnswer extends Answered {
  request: StoredEvent | null
  exceptions: StoredEvent[]
  events: StoredEvent[]
  jobs: Job[]
  frames: EventStacks[]
  truncated: boolean
}

interface PageFigures {
  pageviews: number
  visitors: number
}

export interface PageList extends Listed<PageFigures & { page: string; failures: number; entries: number }> {
  totals: PageFigures & { bots: number }
  referrers: (PageFigures & { referrer: string })[]
  browsers: (PageFigures & { browser: string })[]
  countries: (PageFigures & { country: string })[]
  sources: (PageFigures & { source: string; medium: string | null; campaign: string | null })[]
  bots: { name: string; requests: number }[]
}
