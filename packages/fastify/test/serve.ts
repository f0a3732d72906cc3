import { createRecorder, type Recorder } from '@justanalytics/core/testing'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import justanalytics, { type JustAnalyticsOptions } from '../src/index.js'

export interface Served {
  app: FastifyInstance
  recorder: Recorder
  url: string
}

/** An application on a real port whose events go to a recorder; `build` runs before and after the plugin. */
export async function serve(
  build: { before?: (app: FastifyInstance) => void; after?: (app: FastifyInstance) => void },
  options: JustAnalyticsOptions = {},
  server: FastifyServerOptions = {},
): Promise<Served> {
  const recorder = createRecorder()
  const app = fastify(server)
  build.before?.(app)
  app.register(justanalytics, { client: recorder, ...options })
  build.after?.(app)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, recorder, url }
}

/** What was told of each request, in short. */
export function told(recorder: Recorder): string[] {
  return recorder.events.map(({ event, properties: { path, status_code, route, exception_message } }) =>
    event === 'exception'
      ? `exception ${path} ${exception_message}`
      : `${event} ${path} ${status_code} ${route ?? 'no route'}`,
  )
}
