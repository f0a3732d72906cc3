import { useEffect, useRef, useState } from 'preact/hooks'
import type { Trouble } from './data/client.js'
import { Feed, type Snapshot } from './data/feed.js'
import { follow, type LiveState } from './data/live.js'
import { isLive, type View } from './data/view.js'

export interface FeedState {
  snapshot: Snapshot | null
  trouble: { kind: Trouble; reason: string } | null
  live: LiveState
  retry(): void
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

/** A view's snapshot, kept up to date while the page is seen and not paused. */
export function useFeed(view: View, limit: number, paused: boolean): FeedState {
  const [snapshot, setSnapshot] = useState<Snapshot | null>(null)
  const [trouble, setTrouble] = useState<FeedState['trouble']>(null)
  const [live, setLive] = useState<LiveState>('connecting')
  const resting = useHidden() || paused
  const feed = useRef<Feed | null>(null)
  feed.current ??= new Feed(view, limit, { onSnapshot: setSnapshot, onTrouble: setTrouble })
  const { site, env, range, from, to } = view

  useEffect(() => feed.current?.show(view, limit), [site, env, range, from, to, limit])

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

  return { snapshot, trouble, live, retry: () => feed.current?.refresh() }
}
