import type { JSX } from 'preact'
import { reader } from '../data/answers.js'
import { address } from '../data/client.js'
import type { JobAnswer } from '../data/shapes.js'
import { placeOf, text } from '../data/told.js'
import { withFilter } from '../data/view.js'
import { JOB_TONES } from '../panels/jobs.js'
import { AskedView } from '../parts/asked.js'
import { Badge } from '../parts/badge.js'
import { Facts } from '../parts/facts.js'
import { Link, Open } from '../parts/link.js'
import { usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'
import { formatLength } from '../text/numbers.js'
import { formatExact } from '../text/time.js'
import { useAnswer } from '../use-answer.js'
import { Attempts } from './attempts.js'
import { Drawer, Section } from './drawer.js'
import { jobToMarkdown } from './markdown.js'

const read = reader<JobAnswer>('attempts')

/** One job: its attempts, and the request that caused it. `id` is `queue/id`, or the id alone. */
export function JobDrawer({ id }: { id: string }): JSX.Element {
  const { view } = usePlace()
  const slash = id.indexOf('/')
  const queue = slash > 0 ? id.slice(0, slash) : ''
  const own = encodeURIComponent(id.slice(slash + 1))
  const asked = useAnswer(address(`jobs/${own}`, {}, null, queue ? { queue } : {}), read)
  const job = asked.value
  return (
    <Drawer
      kind="Job"
      title={<Title job={job} id={id} />}
      copy={job && (() => jobToMarkdown(job))}
      tools={
        job?.task_name && (
          <Link
            change={{ filters: withFilter(view.filters, 'job', job.task_name), drawers: [] }}
            class="button"
          >
            Only jobs of this name
          </Link>
        )
      }
    >
      <AskedView asked={asked} absent="Nothing is stored of this job.">
        {job => (
          <>
            <Section title="Job">
              <Facts facts={factsOfJob(job)} />
            </Section>
            <Cause job={job} />
            <Section title="Attempts">
              <Attempts job={job} frames={job.frames} />
            </Section>
          </>
        )}
      </AskedView>
    </Drawer>
  )
}

function Title({ job, id }: { job: JobAnswer | null; id: string }): JSX.Element {
  if (!job) return <bdi class="code">{brief(id, 80)}</bdi>
  return (
    <>
      <bdi class="code">{reveal(brief(job.task_name ?? id, 120))}</bdi>{' '}
      <Badge tone={JOB_TONES[job.state] ?? 'calm'}>{job.state}</Badge>
    </>
  )
}

function factsOfJob(job: JobAnswer): [string, string][] {
  const facts: [string, string | null][] = [
    ['Job id', text(job.id)],
    ['Queue', text(job.queue)],
    ['First attempt', formatExact(Date.parse(job.first_seen))],
    ['Last attempt', formatExact(Date.parse(job.last_seen))],
    ['Waited', job.wait_ms === null ? null : formatLength(job.wait_ms)],
    ['Attempts allowed', text(job.max_attempts)],
    ['User', text(job.user_id)],
    ['Release', text(job.release)],
    ['Enqueued by release', text(job.enqueued_release)],
  ]
  return facts.flatMap(([label, value]) => (value === null ? [] : [[label, value]]))
}

function Cause({ job }: { job: JobAnswer }): JSX.Element | null {
  if (!job.request_id) return null
  const place = job.request ? placeOf(job.request.properties) : null
  return (
    <Section title="Caused by">
      <p>
        <Open subject={{ kind: 'request', id: job.request_id }}>
          <bdi class="code">{brief(place ?? job.request_id, 200)}</bdi>
        </Open>
      </p>
    </Section>
  )
}
