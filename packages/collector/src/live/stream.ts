import type { Handler } from 'hono'
import { streamSSE } from 'hono/streaming'
import { Refusal } from '../errors.js'
import type { Health } from '../query/health.js'
import type { Hub, News } from './hub.js'

/** Below the idle timeouts of the usual proxies. */
const HEARTBEAT_MS = 15_000

/**
 * `GET /api/v1/stream`: `hello` with the collector's health at once, then `stored` whenever something
 * was, at most once a second.
 */
export function streamNews(hub: Hub, health: () => Promise<Health>): Handler {
  return async function stream(c) {
    const state = await health()
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' })

    let wake: () => void = () => {}
    let news: News | undefined
    let ended = false
    const leave = hub.join({
      onNews(latest) {
        // A reader that is slow gets one summary, not a backlog.
        news = news ? { ...latest, events: news.events + latest.events } : latest
        wake()
      },
      onEnd() {
        ended = true
        wake()
      },
    })
    if (!leave)
      throw new Refusal(503, 'As many browsers as the collector serves are listening already.', {
        'Retry-After': '30',
      })
    // Proxies must hand each event on as it comes.
    c.header('X-Accel-Buffering', 'no')
    return streamSSE(c, async sse => {
      sse.onAbort(() => {
        ended = true
        wake()
      })
      await sse.writeSSE({ event: 'hello', data: JSON.stringify(state), retry: 2000 })
      while (!ended) {
        if (news) {
          const data = JSON.stringify(news)
          news = undefined
          await sse.writeSSE({ event: 'stored', data })
        } else if (await isQuiet(resolve => (wake = resolve))) await sse.write(': still here\n\n')
      }
      leave()
    })
  }
}

/** `true` after a heartbeat's time, `false` once woken. */
function isQuiet(onWake: (wake: () => void) => void): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, HEARTBEAT_MS, true)
    onWake(() => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}
