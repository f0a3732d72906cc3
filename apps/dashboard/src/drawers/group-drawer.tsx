import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { reader } from '../data/answers.js'
import { address } from '../data/client.js'
import { readFault } from '../data/fault.js'
import type { GroupAnswer, Occurrence } from '../data/shapes.js'
import { placeOf, text } from '../data/told.js'
import { withFilter } from '../data/view.js'
import { AskedView } from '../parts/asked.js'
import { Badge } from '../parts/badge.js'
import { Facts } from '../parts/facts.js'
import { FaultView } from '../parts/fault.js'
import { Link, Open } from '../parts/link.js'
import { Sparkline } from '../parts/sparkline.js'
import { currentWindow, usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'
import { formatCount, plural } from '../text/numbers.js'
import { formatAgo, formatMoment } from '../text/time.js'
import { briefVisitor } from '../text/visitor.js'
import { useAnswer } from '../use-answer.js'
import { Drawer, Section } from './drawer.js'
import { GroupActs } from './group-acts.js'
import { groupToMarkdown } from './markdown.js'

const read = reader<GroupAnswer>('group')

/** One group of errors: where it comes from, since when, whom it hits, and each time that it happened. */
export function GroupDrawer({ id }: { id: string }): JSX.Element {
  const { view } = usePlace()
  const [turn, setTurn] = useState(0)
  const [limit, setLimit] = useState(20)
  const { site, env } = view.filters
  const filters = { ...(site && { site }), ...(env && { env }) }
  const path = useMemo(
    () => address(`groups/${encodeURIComponent(id)}`, filters, currentWindow(view), { limit: String(limit) }),
    [id, site, env, view.from, view.to, view.range, limit],
  )
  const asked = useAnswer(path, read, turn)
  const answer = asked.value
  return (
    <Drawer
      kind="Error"
      title={<Title answer={answer} id={id} />}
      copy={answer && (() => groupToMarkdown(answer))}
      tools={
        <Link change={{ filters: withFilter(view.filters, 'group', id), drawers: [] }} class="button">
          Only this error
        </Link>
      }
    >
      <AskedView asked={asked} absent="Nothing is stored of this error.">
        {answer => (
          <>
            <Summary answer={answer} />
            <GroupActs answer={answer} onDone={() => setTurn(turn + 1)} />
            <Newest occurrence={answer.occurrences.items[0]} />
            <Occurrences
              answer={answer}
              onMore={answer.occurrences.next && limit < 1000 ? () => setLimit(limit * 4) : null}
            />
            <WorstHit answer={answer} />
            <Section title="Why grouped">
              <ul class="why">
                {answer.group.why.map((part, index) => (
                  <li key={index}>
                    <bdi>{reveal(brief(part, 300))}</bdi>
                  </li>
                ))}
              </ul>
            </Section>
          </>
        )}
      </AskedView>
    </Drawer>
  )
}

function Title({ answer, id }: { answer: GroupAnswer | null; id: string }): JSX.Element {
  if (!answer) return <bdi class="code">{brief(id, 80)}</bdi>
  const { title, badge, status } = answer.group
  return (
    <>
      <bdi>{reveal(brief(title, 300))}</bdi>{' '}
      {badge && <Badge tone={badge === 'MUTED' ? 'calm' : 'bad'}>{badge}</Badge>}
      {status === 'resolved' && <Badge tone="good">RESOLVED</Badge>}
    </>
  )
}

function Summary({ answer: { group, releases } }: { answer: GroupAnswer }): JSX.Element {
  const facts: [string, string][] = [
    ['Times', formatCount(group.count)],
    ['Users', formatCount(group.users)],
    ['First seen', formatMoment(Date.parse(group.first_seen))],
    ['Last seen', formatMoment(Date.parse(group.last_seen))],
  ]
  if (group.culprit) facts.push(['In', reveal(group.culprit)])
  if (group.flows.length > 0) facts.push(['Flows', reveal(group.flows.join(', '))])
  for (const { release, count } of releases.slice(0, 5))
    if (release) facts.push(['Release', reveal(release)], ['Times in it', formatCount(count)])
  return (
    <section class="drawer-section">
      <Sparkline counts={group.sparkline} />
      <Facts facts={facts} />
    </section>
  )
}

interface OccurrencesProps {
  answer: GroupAnswer
  onMore: (() => void) | null
}

function Occurrences({ answer, onMore }: OccurrencesProps): JSX.Element {
  const { now } = usePlace()
  const { items } = answer.occurrences
  return (
    <Section title="Occurrences" note="the newest first">
      <ol class="steps">
        {items.map(({ event }) => (
          <OccurrenceRow key={event.event_id} event={event} now={now} />
        ))}
      </ol>
      {items.length === 0 && <p class="quiet">None in this window.</p>}
      {onMore && (
        <button type="button" class="plain" onClick={onMore}>
          Show more
        </button>
      )}
    </Section>
  )
}

function OccurrenceRow({ event, now }: Pick<Occurrence, 'event'> & { now: number }): JSX.Element {
  const { properties } = event
  const request = text(properties.request_id)
  const user = text(properties.user_id)
  const who = user ? brief(user, 40) : briefVisitor(text(properties.visitor_id) ?? '')
  const at = Date.parse(event.timestamp)
  const place = <bdi class="code">{brief(placeOf(properties) ?? 'outside of a request', 160)}</bdi>
  return (
    <li class="step">
      <time dateTime={event.timestamp} title={formatMoment(at, 1)}>
        {formatAgo(at, now)}
      </time>
      <span class="step-what">
        {request ? <Open subject={{ kind: 'request', id: request }}>{place}</Open> : place}
      </span>
      <span class="step-end">
        {who && <bdi>{who}</bdi>} <small>{brief(text(properties.release) ?? '', 40)}</small>
      </span>
    </li>
  )
}

function Newest({ occurrence }: { occurrence: Occurrence | undefined }): JSX.Element | null {
  const fault = useMemo(() => occurrence && readFault(occurrence.event), [occurrence?.event.event_id])
  if (!occurrence || !fault) return null
  return (
    <Section title="Traceback" note="of the newest">
      <FaultView fault={fault} stacks={occurrence} />
    </Section>
  )
}

function WorstHit({ answer }: { answer: GroupAnswer }): JSX.Element | null {
  const { now } = usePlace()
  if (answer.worst_hit.length === 0) return null
  return (
    <Section title="Worst hit" note={plural(answer.group.users, 'user')}>
      <ol class="steps">
        {answer.worst_hit.map(({ user, count, last_seen }) => (
          <li key={user} class="step">
            <time dateTime={last_seen}>{formatAgo(Date.parse(last_seen), now)}</time>
            <span class="step-what">
              <Open subject={{ kind: 'user', id: user }}>
                <bdi>{reveal(brief(user, 60))}</bdi>
              </Open>
            </span>
            <span class="step-end">{plural(count, 'time')}</span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
