import type { JSX } from 'preact'
import { reader, type StoredEvent } from '../data/answers.js'
import { address } from '../data/client.js'
import { readFault } from '../data/fault.js'
import type { EventStacks, RequestAnswer } from '../data/shapes.js'
import { factsOf, placeOf, text } from '../data/told.js'
import { AskedView } from '../parts/asked.js'
import { Badge } from '../parts/badge.js'
import { Facts } from '../parts/facts.js'
import { FaultView } from '../parts/fault.js'
import { Open } from '../parts/link.js'
import { Steps } from '../parts/steps.js'
import { brief } from '../text/hostile.js'
import { plural } from '../text/numbers.js'
import { formatExact } from '../text/time.js'
import { useAnswer } from '../use-answer.js'
import { Attempts } from './attempts.js'
import { Drawer, Section } from './drawer.js'
import { requestToMarkdown } from './markdown.js'
import { SameUser } from './same-user.js'

const read = reader<RequestAnswer>('exceptions')

/** One request: what it was, why it failed, what its user did around it, and the jobs that it caused. */
export function RequestDrawer({ id }: { id: string }): JSX.Element {
  const asked = useAnswer(address(`requests/${encodeURIComponent(id)}`, {}, null), read)
  const answer = asked.value
  const request = answer?.request ?? answer?.exceptions[0] ?? null
  return (
    <Drawer
      kind="Request"
      title={<Title answer={answer} id={id} />}
      copy={answer && (() => requestToMarkdown(answer, id))}
    >
      <AskedView
        asked={asked}
        absent="Nothing is stored of this request: it is older than what is kept, or a sample left it out."
      >
        {answer => (
          <>
            {answer.exceptions.map(event => (
              <RequestError key={event.event_id} event={event} frames={answer.frames} />
            ))}
            {request && (
              <Section title="Request" note={formatExact(Date.parse(request.timestamp))}>
                <Facts facts={factsOf(request)} self={id} />
              </Section>
            )}
            {answer.jobs.length > 0 && (
              <Section title="Jobs it caused" note={plural(answer.jobs.length, 'job')}>
                {answer.jobs.map(job => (
                  <Attempts
                    key={`${job.queue} ${job.id} ${job.first_seen}`}
                    job={job}
                    frames={answer.frames}
                    named
                  />
                ))}
              </Section>
            )}
            {answer.events.length > 0 && (
              <Section title="Events of the application">
                <Steps events={answer.events} label="Events of the application" />
              </Section>
            )}
            {request && <SameUser event={request} request={id} />}
          </>
        )}
      </AskedView>
    </Drawer>
  )
}

interface RequestErrorProps {
  event: StoredEvent
  frames: readonly EventStacks[]
}

function RequestError({ event, frames }: RequestErrorProps): JSX.Element {
  const stacks = frames.find(each => each.event_id === event.event_id)
  return (
    <Section
      title="Error"
      note={stacks?.group && <Open subject={{ kind: 'group', id: stacks.group }}>all of its kind</Open>}
    >
      <FaultView fault={readFault(event)} stacks={stacks} />
    </Section>
  )
}

function Title({ answer, id }: { answer: RequestAnswer | null; id: string }): JSX.Element {
  const event = answer?.request ?? answer?.exceptions[0]
  if (!event) return <bdi class="code">{brief(id, 80)}</bdi>
  const status = text(event.properties.status_code)
  const failed = (answer?.exceptions.length ?? 0) > 0 || Number(status) >= 500
  return (
    <>
      <bdi class="code">{brief(placeOf(event.properties) ?? id, 200)}</bdi>{' '}
      {status && <Badge tone={failed ? 'bad' : Number(status) >= 400 ? 'warn' : 'good'}>{status}</Badge>}
    </>
  )
}
