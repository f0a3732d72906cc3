import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { serverNow } from './data/clock.js'
import type { Snapshot } from './data/feed.js'
import type { Theme } from './data/theme.js'
import { Drawers } from './drawers/drawers.js'
import { Bar } from './panels/bar.js'
import { Errors } from './panels/errors.js'
import { Flows } from './panels/flows.js'
import { Jobs } from './panels/jobs.js'
import { Failing, FirstSteps, Incomplete, Troubled } from './panels/notices.js'
import { Pages } from './panels/pages.js'
import { Releases } from './panels/releases.js'
import { Timeline } from './panels/timeline.js'
import { Verdict } from './panels/verdict.js'
import { Who } from './panels/who.js'
import { PlaceProvider } from './place.js'
import { titleOf } from './text/verdict.js'
import { useFeed } from './use-feed.js'
import { useView } from './use-view.js'

interface PageProps {
  theme: Theme
  /** What the page came with. */
  known: Snapshot
}

export function Page({ theme, known }: PageProps): JSX.Element {
  const [view, go] = useView()
  const [paused, setPaused] = useState(false)
  const { snapshot, round, live, retry, renew } = useFeed(view, paused, known)
  const { health, series, verdict } = snapshot
  const place = useMemo(() => ({ view, go, renew, now: serverNow() }), [view, go, renew, round])

  const title = titleOf(verdict?.value ?? null, view)
  useEffect(() => {
    document.title = title
  }, [title])

  const trouble = health?.trouble ?? series?.trouble ?? null
  return (
    <PlaceProvider value={place}>
      <Bar
        snapshot={snapshot}
        live={trouble ? 'lost' : live}
        paused={paused}
        onPause={setPaused}
        theme={theme}
      />
      <main>
        {trouble && <Troubled trouble={trouble} since={series?.value ? series.at : null} onRetry={retry} />}
        {health?.value?.failing && <Failing />}
        {health?.value?.events === 0 ? (
          <FirstSteps />
        ) : (
          <Panels snapshot={snapshot} empty={trouble !== null && !series?.value} />
        )}
      </main>
      <Drawers />
    </PlaceProvider>
  )
}

interface PanelsProps {
  snapshot: Snapshot
  /** There never was an answer, and the notice says why. */
  empty: boolean
}

function Panels({ snapshot, empty }: PanelsProps): JSX.Element | null {
  const { series, before, verdict, flows, releases, groups, users, jobs, pages } = snapshot
  if (empty) return null
  return (
    <>
      {series?.value && !series.value.complete && <Incomplete dropped={series.value.dropped} />}
      <Verdict answer={verdict} />
      <Timeline answer={series} before={before} verdict={verdict?.value ?? null} />
      <Flows answer={flows} verdict={verdict} />
      <Releases answer={releases} />
      <Errors answer={groups} />
      <div class="pair">
        <Who answer={users} />
        <Jobs answer={jobs} />
      </div>
      <Pages answer={pages} />
    </>
  )
}
