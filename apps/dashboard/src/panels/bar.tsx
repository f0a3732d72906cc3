import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Snapshot } from '../data/feed.js'
import type { LiveState } from '../data/live.js'
import { chooseTheme, type Theme } from '../data/theme.js'
import { formatView, isLive, RANGES, type View } from '../data/view.js'
import { formatCount, formatLength } from '../text/numbers.js'
import { formatMoment } from '../text/time.js'
import { useNames } from '../use-names.js'
import type { Go } from '../use-view.js'
import { Choice } from './choice.js'

interface BarProps {
  view: View
  go: Go
  snapshot: Snapshot | null
  live: LiveState
  paused: boolean
  onPause(paused: boolean): void
  theme: Theme
}

export function Bar({ view, go, snapshot, live, paused, onPause, theme }: BarProps): JSX.Element {
  return (
    <header class="bar">
      <h1 class="brand">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path class="brand-ok" d="M3 13V8.5M8 13V5.5" />
          <path class="brand-failed" d="M13 13V3" />
        </svg>
        JustAnalytics
      </h1>
      <Choices view={view} go={go} snapshot={snapshot} />
      <Ranges view={view} go={go} snapshot={snapshot} />
      <div class="bar-end">
        <Health snapshot={snapshot} />
        <LiveButton view={view} go={go} live={live} paused={paused} onPause={onPause} />
        <ThemeButton theme={theme} />
      </div>
    </header>
  )
}

function Choices({ view, go, snapshot }: Pick<BarProps, 'view' | 'go' | 'snapshot'>): JSX.Element {
  const at = snapshot && snapshot.health.events > 0 ? snapshot.at : null
  const sites = useNames('site', at, view.site)
  const environments = useNames('environment', at, view.env)
  return (
    <div class="choices">
      <Choice
        label="Site"
        all="All sites"
        options={sites}
        value={view.site}
        onChoose={site => go({ site })}
      />
      <Choice
        label="Environment"
        all="All environments"
        options={environments}
        value={view.env}
        onChoose={env => go({ env })}
      />
    </div>
  )
}

function Ranges({ view, go, snapshot }: Pick<BarProps, 'view' | 'go' | 'snapshot'>): JSX.Element {
  const deploy = snapshot?.series.marks.at(-1)
  const links: [label: string, change: Partial<View>, current: boolean][] = Object.keys(RANGES).map(range => [
    range,
    { range, from: null, to: null },
    view.from === null && view.range === range,
  ])
  if (deploy)
    links.push(['since deploy', { from: deploy.at, to: null }, view.from === deploy.at && view.to === null])
  return (
    <nav class="ranges" aria-label="Range">
      {links.map(([label, change, current]) => (
        <a
          key={label}
          href={formatView({ ...view, ...change })}
          aria-current={current ? 'true' : undefined}
          onClick={event => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return
            event.preventDefault()
            go(change)
          }}
        >
          {label}
        </a>
      ))}
    </nav>
  )
}

function Health({ snapshot }: Pick<BarProps, 'snapshot'>): JSX.Element | null {
  if (!snapshot) return null
  const { health, series } = snapshot
  const late = health.lagMs > 10_000
  return (
    <dl class="health">
      <div class={late ? 'health-bad' : undefined}>
        <dt>Ingest lag</dt>
        <dd>{formatLength(health.lagMs)}</dd>
      </div>
      <div class={series.dropped > 0 ? 'health-bad' : undefined}>
        <dt>Dropped</dt>
        <dd>{formatCount(series.dropped)}</dd>
      </div>
    </dl>
  )
}

const LIVE_WORDS: Record<LiveState, string> = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' }

type LiveProps = Pick<BarProps, 'view' | 'go' | 'live' | 'paused' | 'onPause'>

function LiveButton({ view, go, live, paused, onPause }: LiveProps): JSX.Element {
  if (!isLive(view))
    return (
      <button type="button" class="live live-past" onClick={() => go({ from: null, to: null })}>
        <span class="dot" />
        Until {formatMoment(view.to ?? 0)} <span class="live-verb">Go live</span>
      </button>
    )
  const state = paused ? 'Paused' : LIVE_WORDS[live]
  return (
    <>
      <button type="button" class={`live live-${paused ? 'paused' : live}`} onClick={() => onPause(!paused)}>
        <span class="dot" />
        {state} <span class="live-verb">{paused ? 'Resume' : 'Pause'}</span>
      </button>
      <span role="status" class="unseen">
        {state}
      </span>
    </>
  )
}

function ThemeButton({ theme: first }: { theme: Theme }): JSX.Element {
  const [theme, setTheme] = useState(first)
  const other = theme === 'dark' ? 'light' : 'dark'
  return (
    <button
      type="button"
      class="theme"
      aria-label={`Switch to the ${other} theme`}
      onClick={() => {
        chooseTheme(other)
        setTheme(other)
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="5.5" />
        <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" />
      </svg>
    </button>
  )
}
