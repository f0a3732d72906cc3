import { justanalytics } from '@justanalytics/fastify'
import fastify from 'fastify'
import type { Ear } from './stage.js'

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'

/** A Fastify application on a real port whose one route enqueues something. */
export interface Front extends AsyncDisposable {
  /** Places one order. @returns the properties of its request event */
  order(number: number): Promise<Record<string, unknown>>
}

export async function openFront(ear: Ear, enqueue: (number: number) => Promise<unknown>): Promise<Front> {
  const app = fastify()
  app.register(justanalytics, { client: ear.client })
  app.post<{ Params: { number: string } }>('/orders/:number', async request => {
    request.analytics.setUser(`user_${request.params.number}`)
    await enqueue(Number(request.params.number))
    return 'ordered'
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    async order(number) {
      const path = `/orders/${number}`
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` },
        // Reading a body is the socket's business and not the request's.
        body: JSON.stringify({ wishes: 'x'.repeat(100_000) }),
      })
      if (!response.ok) throw new Error(await response.text())
      const events = await ear.until(events => events.some(({ properties }) => properties.path === path))
      return events.find(({ properties }) => properties.path === path)?.properties ?? {}
    },
    [Symbol.asyncDispose]: async () => void (await app.close()),
  }
}
