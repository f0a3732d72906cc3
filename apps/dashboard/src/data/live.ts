/** `lost`: the stream broke and is being opened again. */
export type LiveState = 'connecting' | 'live' | 'lost'

const REOPEN_MS = 3000

interface Listener {
  /** Something was stored. */
  onNews(): void
  onState(state: LiveState): void
}

/** Opens the stream and keeps it open; returns how to close it. */
function openStream(url: string, { onNews, onState }: Listener): () => void {
  let source: EventSource
  let broken = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    source = new EventSource(url)
    source.onopen = () => {
      onState('live')
      // What was told while nobody listened is lost.
      if (broken) onNews()
      broken = false
    }
    source.addEventListener('stored', onNews)
    source.onerror = () => {
      broken = true
      onState('lost')
      // A browser gives up for good when the answer is no event stream, as a proxy's 502 is.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, REOPEN_MS)
    }
  }
  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}

/**
 * Listens to the collector's stream. The tabs of one browser share one connection: whoever
 * holds the lock listens and tells the others. Returns how to stop.
 */
export function follow(url: string, listener: Listener): () => void {
  const stop = new AbortController()
  const channel = new BroadcastChannel(`justanalytics ${new URL(url, document.baseURI)}`)
  let led: LiveState | undefined

  const lead = () =>
    new Promise<void>(resolve => {
      const tell = (state: LiveState) => {
        led = state
        listener.onState(state)
        channel.postMessage(state)
      }
      const close = openStream(url, {
        onNews() {
          listener.onNews()
          channel.postMessage('news')
        },
        onState: tell,
      })
      stop.signal.addEventListener('abort', () => {
        close()
        resolve()
      })
    })

  channel.onmessage = ({ data }) => {
    if (data === 'hello') led && channel.postMessage(led)
    else if (data === 'news') listener.onNews()
    else listener.onState(data)
  }
  channel.postMessage('hello')
  // Locks exist in secure contexts only; without them each tab has a stream of its own.
  const leading = navigator.locks?.request(channel.name, { signal: stop.signal }, lead) ?? lead()
  leading.catch(() => {})

  return () => {
    stop.abort()
    channel.close()
  }
}
