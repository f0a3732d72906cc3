import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Theme } from './data/theme.js'
import { Bar } from './panels/bar.js'
import { Exceptions } from './panels/exceptions.js'
import { Failing, FirstSteps, Incomplete, Troubled } from './panels/notices.js'
import { Timeline } from './panels/timeline.js'
import { formatCount } from './text/numbers.js'
import { useFeed } from './use-feed.js'
import { useView } from './use-view.js'

const PAGE_OF_FAULTS = 50

export function Page({ theme }: { theme: Theme }): JSX.Element {
  const [view, go] = useView()
  const [paused, setPaused] = useState(false)
  const [limit, setLimit] = useState(PAGE_OF_FAULTS)
  const { snapshot, trouble, live, retry } = useFeed(view, limit, paused)

  const failed = snapshot?.series.buckets.reduce((sum, bucket) => sum + bucket.failures, 0) ?? 0
  useEffect(() => {
    document.title = failed > 0 ? `${formatCount(failed)} failed · JustAnalytics` : 'JustAnalytics'
  }, [failed])

  return (
    <>
      <Bar
        view={view}
        go={go}
        snapshot={snapshot}
        live={trouble ? 'lost' : live}
        paused={paused}
        onPause={setPaused}
        theme={theme}
      />
      <main aria-busy={!snapshot && !trouble}>
        {trouble && <Troubled trouble={trouble} since={snapshot?.at ?? null} onRetry={retry} />}
        {snapshot?.health.failing && <Failing />}
        {snapshot && !snapshot.series.complete && <Incomplete dropped={snapshot.series.dropped} />}
        {snapshot?.health.events === 0 ? (
          <FirstSteps />
        ) : (
          snapshot && (
            <>
              <Timeline snapshot={snapshot} view={view} go={go} />
              <Exceptions
                snapshot={snapshot}
                onMore={limit < 1000 ? () => setLimit(Math.min(limit * 2, 1000)) : null}
              />
            </>
          )
        )}
        {!snapshot && !trouble && <p class="waiting">Asking the collector…</p>}
      </main>
    </>
  )
}
