import { type Answer, ask, send } from './helpers.js'

const START = Date.UTC(2026, 4, 1, 10)
const MINUTE = 60_000
const WINDOW = `from=${at(0)}&to=${at(60)}`

function at(minute: number, millisecond = 0): string {
  return new Date(START + minute * MINUTE + millisecond).toISOString()
}

type Json = Record<string, unknown>

/** Every event has ids of its own place in the story, so that it is the same wherever it is told. */
function* events(): Generator<Json> {
  let number = 0
  const event = (name: string, minute: number, properties: Json) => ({
    site_id: 'site_1',
    event: name,
    event_id: `event-${String(++number).padStart(5, '0')}`,
    timestamp: at(minute, number),
    properties: { environment: 'production', ...properties },
  })
  for (let minute = 0; minute < 60; minute++) {
    const release = minute < 30 ? 'r1' : 'r2'
    for (let i = 0; i < 5; i++) {
      const fails = release === 'r2' && i < 2
      const request = {
        release,
        method: 'POST',
        path: `/checkout/${i}/pay`,
        route: i < 3 ? '/checkout/:cart/pay' : '/search',
        user_id: `user ${i}`,
        visitor_id: `v${i}`,
        request_id: `request-${minute}-${i}`,
        country: i % 2 ? 'DE' : 'FR',
        user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      }
      yield event(i % 2 ? 'pageview' : 'api_request', minute, {
        ...request,
        status_code: fails ? 500 : i === 4 ? 404 : 200,
        duration_ms: 10 * i + (minute % 7),
        outcome: 'ok',
        navigation: i % 2 === 1,
      })
      if (fails)
        yield event('exception', minute, {
          ...request,
          exception_type: 'TypeError',
          exception_message: "Cannot read properties of undefined (reading 'id')",
          traceback: `TypeError: Cannot read properties of undefined (reading 'id')\n    at computeTotal (/app/src/cart.ts:${10 + i}:5)`,
          mechanism: 'request',
          handled: false,
          status_code: 500,
        })
      if (i === 0)
        yield event(fails ? 'task_failed' : 'task_completed', minute, {
          release,
          task_name: 'email.receipt',
          task_id: `job-${minute}`,
          queue: 'mail',
          attempt: 1,
          duration_ms: 5,
          request_id: request.request_id,
          user_id: request.user_id,
          ...(fails
            ? { final: true, reason: 'exhausted', exception_type: 'Error', exception_message: 'no receipt' }
            : {}),
        })
    }
  }
  yield event('signup', 15, { release: 'r1', user_id: 'user 1', plan: '\'"); -- 😀' })
  yield event('client_report', 50, { dropped: { queue_full: 3 }, since: at(49), until: at(50) })
}

/** An hour of a shop whose second release breaks the checkout, sent to a collector. */
export async function tellStory(url: string): Promise<void> {
  const all = [...events()]
  for (let i = 0; i < all.length; i += 500) {
    const { status } = await send(url, all.slice(i, i + 500))
    if (status !== 202) throw new Error(`the story was answered with ${status}`)
  }
}

/** A machine that has too much to do asks to come again, which is no answer to compare. */
export async function askUntilAnswered(url: string): Promise<Answer> {
  let answer = await ask(url)
  while (answer.status === 503) answer = await ask(url)
  return answer
}

/** Every question there is to ask about it. */
export const ANSWERS: readonly string[] = [
  `events?${WINDOW}&limit=1000`,
  `events?${WINDOW}&event=exception&q=computetotal`,
  `series?${WINDOW}`,
  `series?${WINDOW}&by=route&status=5xx`,
  `series?${WINDOW}&by=release&flow=/search`,
  `jobs?${WINDOW}&limit=1000`,
  `jobs?${WINDOW}&status=failed&flow=POST%20/checkout/:cart/pay`,
  'jobs/job-40',
  'requests/request-40-0',
  'requests/none',
  `verdict?${WINDOW}`,
  `flows?${WINDOW}`,
  `releases?${WINDOW}`,
  `releases/compare?${WINDOW}&a=r1&b=r2`,
  `groups?${WINDOW}`,
  `requests?${WINDOW}`,
  `users?${WINDOW}`,
  `users/user%201/timeline?${WINDOW}`,
  `pages?${WINDOW}`,
].map(path => `/api/v1/${path}`)
