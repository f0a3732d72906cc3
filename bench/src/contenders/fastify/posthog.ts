import { PostHog } from 'posthog-node'
import { serveFastify } from '../../apps/fastify.js'
import type { Start } from '../../apps/running.js'

/** It has no request events of its own: `capture` with the same facts, and `shutdown` at the end. */
export const start: Start = sink =>
  serveFastify(app => {
    const posthog = new PostHog('bench', { host: sink })
    app.addHook('onResponse', (request, reply, done) => {
      posthog.capture({
        distinctId: 'anonymous',
        event: 'pageview',
        properties: {
          path: request.url,
          method: request.method,
          status_code: reply.statusCode,
          duration_ms: Math.round(reply.elapsedTime * 100) / 100,
          route: request.routeOptions.url,
          referrer: request.headers.referer ?? null,
          user_agent: request.headers['user-agent'] ?? null,
          release: 'bench@1',
          $process_person_profile: false,
        },
      })
      done()
    })
    return { close: () => posthog.shutdown() }
  })
