import { apitallyPlugin } from 'apitally/fastify'
import { serveFastify } from '../apps/fastify.js'
import type { Running } from '../apps/running.js'

const CLIENT_ID = '7d5bc1f4-33f5-4c1c-8b0f-6d3a2c1e9b10'

/** As its README says. It ends itself in Fastify's `onClose`. */
export function startApitally(sink: string, hasRequestLog: boolean): Promise<Running> {
  process.env.APITALLY_HUB_BASE_URL = sink
  return serveFastify(async app => {
    const requestLogging = { enabled: hasRequestLog }
    await app.register(apitallyPlugin, { clientId: CLIENT_ID, env: 'bench', requestLogging })
    return undefined
  })
}
