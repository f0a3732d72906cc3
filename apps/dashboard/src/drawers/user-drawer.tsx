import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { address } from '../data/client.js'
import { withFilter } from '../data/view.js'
import { AskedView } from '../parts/asked.js'
import { Link } from '../parts/link.js'
import { Steps } from '../parts/steps.js'
import { currentWindow, usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'
import { formatCount } from '../text/numbers.js'
import { useAnswer } from '../use-answer.js'
import { Drawer, Section } from './drawer.js'
import { stepsToMarkdown } from './markdown.js'
import { readTimeline } from './same-user.js'

/** One user, or one visitor of a day: step by step what they did. */
export function UserDrawer({ id }: { id: string }): JSX.Element {
  const { view } = usePlace()
  const [limit, setLimit] = useState(100)
  const { site, env } = view.filters
  const path = useMemo(
    () =>
      address(
        `users/${encodeURIComponent(id)}/timeline`,
        { ...(site && { site }), ...(env && { env }) },
        currentWindow(view),
        { limit: String(limit) },
      ),
    [id, site, env, view.from, view.to, view.range, limit],
  )
  const asked = useAnswer(path, readTimeline)
  const shown = reveal(brief(id, 80))
  return (
    <Drawer
      kind="User"
      title={<bdi>{shown}</bdi>}
      copy={asked.value && (() => stepsToMarkdown(shown, asked.value?.items ?? []))}
      tools={
        <Link change={{ filters: withFilter(view.filters, 'user', id), drawers: [] }} class="button">
          Only this user
        </Link>
      }
    >
      <AskedView asked={asked} absent="Nothing is stored of this user.">
        {({ items, next }) => (
          <Section title="What they did" note={`${formatCount(items.length)} steps, the newest first`}>
            <Steps events={items} label="What they did, the newest first" />
            {items.length === 0 && <p class="quiet">Nothing in this window.</p>}
            {next && limit < 1000 && (
              <button type="button" class="plain" onClick={() => setLimit(1000)}>
                Show more
              </button>
            )}
          </Section>
        )}
      </AskedView>
    </Drawer>
  )
}
