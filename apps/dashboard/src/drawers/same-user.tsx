import type { JSX } from 'preact'
import { listReader, type StoredEvent } from '../data/answers.js'
import { address } from '../data/client.js'
import type { Listed } from '../data/shapes.js'
import { text } from '../data/told.js'
import { MINUTE } from '../data/window.js'
import { AskedView } from '../parts/asked.js'
import { Steps } from '../parts/steps.js'
import { useAnswer } from '../use-answer.js'
import { Section } from './drawer.js'

const AROUND = 30 * MINUTE

export const readTimeline: (answer: unknown) => Listed<StoredEvent> = listReader<Listed<StoredEvent>>()

interface SameUserProps {
  event: StoredEvent
  request: string
}

/** What the same user, or else visitor, did half an hour around a request. */
export function SameUser({ event, request }: SameUserProps): JSX.Element | null {
  const { user_id, visitor_id } = event.properties
  const id = text(user_id) ?? text(visitor_id)
  const at = Date.parse(event.timestamp)
  const window = { from: at - AROUND, to: at + AROUND }
  const path =
    id &&
    address(`users/${encodeURIComponent(id)}/timeline`, { site: event.site_id }, window, { limit: '200' })
  const asked = useAnswer(path, readTimeline)
  if (id === null) return null
  return (
    <Section title={user_id ? 'The same user' : 'The same visitor'} note="half an hour before and after">
      <AskedView asked={asked} absent="Nothing else is stored of them.">
        {({ items }) => (
          <Steps events={items.toReversed()} request={request} label="What they did, the oldest first" />
        )}
      </AskedView>
    </Section>
  )
}
