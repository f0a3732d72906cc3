import type { Agent } from 'node:http'
import type { Step, Visit } from './plan.js'
import { hex, type Random } from './random.js'
import { ROUTES, type Route } from './routes.js'
import { type Answer, send } from './send.js'

/** One request that was made, and how it was answered. */
export interface Made {
  step: Step
  visit: Visit
  /** Of the instance that was asked. */
  origin: string
  path: string
  /** Sent along in `traceparent`: by it the stored event is found again. */
  traceId: string
  /** `null` where the visitor left before an answer. */
  status: number | null
  body: string
}

/** Walks through one visit; `pause` waits between two steps. */
export async function* walk(
  origin: string,
  agent: Agent,
  visit: Visit,
  random: Random,
  pause: () => Promise<void>,
): AsyncGenerator<Made> {
  let cookie: string | undefined
  let cart = 'none'
  let referrer: string | undefined
  for (const [index, step] of visit.steps.entries()) {
    if (index > 0) await pause()
    const route = routeOf(step)
    const path = pathOf(step, cart)
    const traceId = hex(random, 32)
    const headers = {
      ...headersOf(step, visit),
      'user-agent': visit.visitor.userAgent,
      'x-forwarded-for': visit.visitor.address,
      traceparent: `00-${traceId}-${hex(random, 16)}-01`,
      ...(cookie && { cookie }),
      ...(referrer && { referer: referrer }),
    }
    const answer: Answer = await send(agent, {
      method: route?.method ?? 'GET',
      url: origin + path + (step.query ?? ''),
      headers,
      body: step.body && JSON.stringify(step.body),
      leaves: step.leaves,
    })
    cookie = answer.cookie ?? cookie
    if (step.to === 'createCart' && answer.status === 201)
      cart = (JSON.parse(answer.body) as { id: string }).id
    if (isPage(step) && !step.prefetch) referrer = origin + path + (step.query ?? '')
    yield { step, visit, origin, path, traceId, status: answer.status, body: answer.body }
  }
}

/** The shop's route of a step; `undefined` for a path that it does not have. */
export function routeOf(step: Step): Route | undefined {
  return step.to.startsWith('/') ? undefined : ROUTES[step.to as keyof typeof ROUTES]
}

/** Whether what is asked for is a page, not the API. */
export function isPage(step: Step): boolean {
  return routeOf(step)?.viewset === undefined
}

/** The address of a step, once the cart is known. */
export function pathOf(step: Step, cart: string): string {
  const filled: Record<string, string> = { ...step.params, cart }
  return (routeOf(step)?.pattern ?? step.to).replace(/:(\w+)/g, (_, name: string) => filled[name] ?? '')
}

/** What a browser, or a bot, says about what it wants. */
function headersOf(step: Step, visit: Visit): Record<string, string> {
  if (visit.visitor.bot) return { accept: '*/*' }
  if (!isPage(step)) {
    const json: Record<string, string> = step.body ? { 'content-type': 'application/json' } : {}
    return { ...json, accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
  }
  return {
    accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    ...(step.prefetch && { 'sec-purpose': 'prefetch' }),
  }
}
