import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createRecorder, type Recorder } from '@justanalytics/core/testing'
import { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import justanalytics, { type JustAnalytics, type JustAnalyticsOptions } from '../src/index.js'

export interface Served {
  app: Hono
  analytics: JustAnalytics
  recorder: Recorder
  url: string
  /** Resolves when the server has closed, and with it all that it has to tell. */
  close(): Promise<void>
}

/** An application on a real port whose events go to a recorder; `build` adds what comes behind the adapter. */
export async function serve(
  build: (app: Hono) => unknown,
  options: JustAnalyticsOptions = {},
  server: Omit<Parameters<typeof createAdaptorServer>[0], 'fetch'> = {},
): Promise<Served> {
  const { app, analytics, recorder } = record(build, options)
  const listening = createAdaptorServer({ fetch: app.fetch, ...server } as never)
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    listening.close()
    if ('closeIdleConnections' in listening) listening.closeIdleConnections()
    await once(listening, 'close')
    await analytics.close()
  }
  const served: Served = {
    app,
    analytics,
    recorder,
    url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    close() {
      closed ??= close()
      return closed
    },
  }
  onTestFinished(served.close)
  return served
}

/** The same without a server, for `app.request()`. */
export function record(
  build: (app: Hono) => unknown,
  options: JustAnalyticsOptions = {},
): Pick<Served, 'app' | 'analytics' | 'recorder'> {
  const recorder = createRecorder()
  const analytics = justanalytics({ client: recorder, ...options })
  const app = new Hono().use(analytics)
  build(app)
  return { app, analytics, recorder }
}

/** What was told of each request, in short. */
export function told(recorder: Recorder): string[] {
  return recorder.events.map(({ event, properties: { path, status_code, route, exception_message } }) =>
    event === 'exception'
      ? `exception ${path} ${exception_message}`
      : `${event} ${path} ${status_code} ${route ?? 'no route'}`,
  )
}
