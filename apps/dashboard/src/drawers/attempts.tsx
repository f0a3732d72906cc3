import type { JSX } from 'preact'
import { readAttempt } from '../data/fault.js'
import type { Attempt, EventStacks, Job } from '../data/shapes.js'
import { JOB_TONES, jobSubject } from '../panels/jobs.js'
import { Badge } from '../parts/badge.js'
import { FaultView } from '../parts/fault.js'
import { Open } from '../parts/link.js'
import { brief, reveal } from '../text/hostile.js'
import { formatLength } from '../text/numbers.js'
import { formatExact } from '../text/time.js'

interface AttemptsProps {
  job: Job
  frames: readonly EventStacks[]
  /** Says which job it is. */
  named?: boolean
}

/** A job's attempts, the oldest first, each with its own traceback; the last failure is open. */
export function Attempts({ job, frames, named = false }: AttemptsProps): JSX.Element {
  const lastFailure = job.attempts.findLast(({ state }) => state === 'failed')
  const id = jobSubject(job)
  const name = <bdi class="code">{reveal(brief(job.task_name ?? 'unnamed', 100))}</bdi>
  return (
    <div class="attempts">
      {named && (
        <h4>
          {id ? <Open subject={{ kind: 'job', id }}>{name}</Open> : name}{' '}
          {job.queue && <small>in {reveal(brief(job.queue, 60))}</small>}{' '}
          <Badge tone={JOB_TONES[job.state] ?? 'calm'}>{job.state}</Badge>
        </h4>
      )}
      {job.attempts.map((attempt, index) => (
        <details key={attempt.event_id} class="attempt" open={attempt === lastFailure}>
          <summary>
            <span class="strong">Attempt {attempt.attempt ?? index + 1}</span>{' '}
            <Badge tone={attempt.state === 'failed' ? 'bad' : 'good'}>{attempt.state}</Badge>{' '}
            <small>{describe(attempt)}</small>
          </summary>
          {attempt.state === 'failed' && (
            <FaultView
              fault={readAttempt(attempt)}
              stacks={frames.find(each => each.event_id === attempt.event_id)}
            />
          )}
        </details>
      ))}
    </div>
  )
}

function describe({ timestamp, duration_ms, wait_ms, reason, release }: Attempt): string {
  return [
    formatExact(Date.parse(timestamp)),
    wait_ms !== null && `waited ${formatLength(wait_ms)}`,
    duration_ms !== null && `ran ${formatLength(duration_ms)}`,
    reason && reason !== 'error' && reveal(reason),
    release && reveal(brief(release, 60)),
  ]
    .filter(Boolean)
    .join(' · ')
}
