import { close, init, type NodeOptions } from '@sentry/node'
import type { Running } from '../apps/running.js'

/** As its documentation says: `init` before the framework is imported, `close` at the end. */
export async function startSentry(sink: string, options: NodeOptions): Promise<Running> {
  init({ ...options, dsn: `${sink.replace('http://', 'http://key@')}/1`, release: 'bench@1' })
  const { serveFastify } = await import('../apps/fastify.js')
  return serveFastify(() => ({ close: () => close(2000) }))
}
