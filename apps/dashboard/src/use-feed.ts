import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Feed, type Snapshot } from './data/feed.js'
import { follow, type LiveState } from './data/live.js'
import { formatView, isLive, type View } from './data/view.js'

export interface FeedState {
  snapshot: Snapshot
  /** Counts the rounds of questions: whoever asks one of its own asks again when it changes. */
  round: number
  live: LiveState
  /** Asks now, unless that is being done. */
  retry(): void
  /** Something was changed from here: asks anew. */
  renew(): void
}

function useHidden(): boolean {
  const [hidden, setHidden] = useState(document.hidden)
  useEffect(() => {
    const onChange = () => setHidden(document.hidden)
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [])
  return hidden
}

/** A view's answers, kept up to date while the page is seen and not paused. `known` counts at first. */
export function useFeed(view: View, paused: boolean, known: Snapshot): FeedState {
  const [snapshot, setSnapshot] = useState(known)
  const [round, setRound] = useState(0)
  const [live, setLive] = useState<LiveState>('connecting')
  const resting = useHidden() || paused
  const feed = useRef<Feed | null>(null)
  feed.current ??= new Feed(
    view,
    { onSnapshot: setSnapshot, onRound: () => setRound(count => count + 1) },
    known,
  )

  // Drawers and the form of the figures change nothing of what is asked.
  const asked = formatView({ ...view, drawers: [], table: false })
  const shown = useRef(asked)
  useEffect(() => {
    if (shown.current === asked) feed.current?.start()
    else feed.current?.show(view)
    shown.current = asked
  }, [asked])

  useEffect(() => {
    if (resting) feed.current?.pause()
    else feed.current?.resume()
  }, [resting])

  const listening = isLive(view) && !resting
  useEffect(() => {
    if (!listening) return
    setLive('connecting')
    const news = () => feed.current?.news()
    const onState = (state: LiveState) => {
      setLive(state)
      // The next answer tells whether the collector is gone or only the stream.
      if (state === 'lost') news()
    }
    return follow('api/v1/stream', { onNews: news, onState })
  }, [listening])

  useEffect(() => () => feed.current?.stop(), [])

  const retry = useCallback(() => feed.current?.refresh(), [])
  const renew = useCallback(() => feed.current?.renew(), [])
  return { snapshot, round, live, retry, renew }
}
