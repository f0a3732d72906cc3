import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRecorder, type Recorder } from '@justanalytics/core/testing'
import Koa from 'koa'
import { onTestFinished } from 'vitest'
import justanalytics, { type JustAnalytics, type JustAnalyticsOptions } from '../src/index.js'

export interface Served {
  app: Koa
  analytics: JustAnalytics
  recorder: Recorder
  server: Server
  url: string
  /** Resolves when the server has closed, and with it all that it has to tell. */
  close(): Promise<void>
}

/** An application on a real port whose events go to a recorder; `build` adds what comes behind the adapter. */
export async function serve(
  build: (app: Koa, analytics: JustAnalytics) => void,
  options: JustAnalyticsOptions = {},
  app: Koa = new Koa(),
): Promise<Served> {
  const recorder = createRecorder()
  const analytics = justanalytics({ client: recorder, ...options })
  app.silent = true
  app.use(analytics)
  build(app, analytics)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    server.close()
    server.closeIdleConnections()
    await once(server, 'close')
    await analytics.close()
  }
  const served: Served = {
    app,
    analytics,
    recorder,
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      closed ??= close()
      return closed
    },
  }
  onTestFinished(served.close)
  return served
}

/** What was told of each request, in short. */
export function told(recorder: Recorder): string[] {
  return recorder.events.map(({ event, properties: { path, status_code, route, exception_message } }) =>
    event === 'exception'
      ? `exception ${path} ${exception_message}`
      : `${event} ${path} ${status_code} ${route ?? 'no route'}`,
  )
}
