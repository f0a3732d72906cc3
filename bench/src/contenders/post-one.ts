import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** One POST for one event, given up after two seconds. */
export async function postOne(sink: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const event = {
    site_id: 'bench',
    event: 'pageview',
    event_id: randomUUID(),
    timestamp: new Date().toISOString(),
    properties: {
      path: request.url,
      method: request.method,
      status_code: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 100) / 100,
      user_id: null,
      referrer: request.headers.referer ?? null,
      user_agent: request.headers['user-agent'] ?? null,
    },
  }
  try {
    const response = await fetch(`${sink}/v1/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(2000),
    })
    await response.arrayBuffer()
  } catch {
    // It fails silently.
  }
}
