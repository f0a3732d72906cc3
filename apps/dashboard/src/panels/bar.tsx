import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { listReader } from '../data/answers.js'
import { choicesOf } from '../data/choices.js'
import type { Snapshot } from '../data/feed.js'
import type { LiveState } from '../data/live.js'
import type { Place } from '../data/shapes.js'
import { chooseTheme, type Theme } from '../data/theme.js'
import { isLive, RANGES, type View, withFilter } from '../data/view.js'
import { MINUTE } from '../data/window.js'
import { Choice } from '../parts/choice.js'
import { Link } from '../parts/link.js'
import { usePlace } from '../place.js'
import { formatCount, formatLength } from '../text/numbers.js'
import { formatMoment } from '../text/time.js'
import { useAnswer } from '../use-answer.js'
import { Chips } from './chips.js'
import { Search } from './search.js'

interface BarProps {
  snapshot: Snapshot
  live: LiveState
  paused: boolean
  onPause(paused: boolean): void
  theme: Theme
}

const readPlaces = listReader<{ items: Place[] }>()

export function Bar({ snapshot, theme, ...state }: BarProps): JSX.Element {
  const { view, go, now } = usePlace()
  const known = (snapshot.health?.value?.events ?? 0) > 0
  // Once a minute is often enough for what is chosen from.
  const places = useAnswer(known ? 'api/v1/places' : null, readPlaces, Math.floor(now / MINUTE))
  const { sites, environments, deployed } = choicesOf(places.value?.items ?? [], view.filters)
  const choose = (name: 'site' | 'env') => (value: string | null) =>
    go({ filters: withFilter(view.filters, name, value) })
  return (
    <header class="bar">
      <div class="bar-row">
        <h1 class="brand">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path class="brand-ok" d="M3 13V8.5M8 13V5.5" />
            <path class="brand-failed" d="M13 13V3" />
          </svg>
          JustAnalytics
        </h1>
        <div class="choices">
          <Choice
            label="Site"
            all="All sites"
            options={sites}
            value={view.filters.site ?? null}
            onChoose={choose('site')}
          />
          <Choice
            label="Environment"
            all="All environments"
            options={environments}
            value={view.filters.env ?? null}
            onChoose={choose('env')}
          />
        </div>
        <Ranges deployed={deployed} />
        <Search />
        <div class="bar-end">
          <Health snapshot={snapshot} />
          <LiveButton {...state} />
          <ThemeButton theme={theme} />
        </div>
      </div>
      <Chips />
    </header>
  )
}

function Ranges({ deployed }: { deployed: number | null }): JSX.Element {
  const { view } = usePlace()
  const ranges: [label: string, change: Partial<View>, current: boolean][] = Object.keys(RANGES).map(
    range => [range, { range, from: null, to: null }, view.from === null && view.range === range],
  )
  if (deployed !== null)
    ranges.push(['since deploy', { from: deployed, to: null }, view.from === deployed && view.to === null])
  return (
    <nav class="ranges" aria-label="Range">
      {ranges.map(([label, change, current]) => (
        <Link key={label} change={change} current={current}>
          {label}
        </Link>
      ))}
    </nav>
  )
}

function Health({ snapshot }: Pick<BarProps, 'snapshot'>): JSX.Element | null {
  const health = snapshot.health?.value
  const dropped = snapshot.series?.value?.dropped ?? 0
  if (!health) return null
  return (
    <dl class="health">
      <div class={health.lagMs > 10_000 ? 'health-bad' : undefined}>
        <dt>Lag</dt>
        <dd>{formatLength(health.lagMs)}</dd>
      </div>
      <div class={dropped > 0 ? 'health-bad' : undefined}>
        <dt>Dropped</dt>
        <dd>{formatCount(dropped)}</dd>
      </div>
    </dl>
  )
}

const LIVE_WORDS: Record<LiveState, string> = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' }

function LiveButton({ live, paused, onPause }: Omit<BarProps, 'snapshot' | 'theme'>): JSX.Element {
  const { view, go } = usePlace()
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
