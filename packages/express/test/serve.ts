import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createRecorder, type Recorder } from '@justanalytics/core/testing'
import type { Express, Router } from 'express'
import { onTestFinished } from 'vitest'
import justanalytics, { type JustAnalytics, type JustAnalyticsOptions } from '../src/index.js'
import { express5, type Flavour } from './app.js'

export interface Served {
  app: Express
  analytics: JustAnalytics
  recorder: Recorder
  url: string
  /** Resolves when the server has closed, and with it all that it has to tell. */
  close(): Promise<void>
}

export interface Parts {
  app: Express
  Router: () => Router
  express: () => Express
  analytics: JustAnalytics
}

/** An application on a real port whose events go to a recorder; `build` adds what comes behind the adapter. */
export async function serve(
  build: (parts: Parts) => void,
  options: JustAnalyticsOptions = {},
  { express, Router }: Flavour = express5,
): Promise<Served> {
  const recorder = createRecorder()
  const analytics = justanalytics({ client: recorder, ...options })
  const app = express()
  app.use(analytics)
  build({ app, Router, express, analytics })
  return { app, analytics, recorder, ...(await listen(app, analytics)) }
}

/** Serves an application that has its adapter wherever it likes. */
export async function listen(
  app: Express,
  analytics: JustAnalytics,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const shut = async (): Promise<void> => {
    server.close()
    server.closeIdleConnections()
    await once(server, 'close')
    await analytics.close()
  }
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= shut()
    return closed
  }
  onTestFinished(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** What was told of each request, in short. */
export function told(recorder: Recorder): string[] {
  return recorder.events.map(({ event, properties: { path, status_code, route, exception_message } }) =>
    event === 'exception'
      ? `exception ${path} ${exception_message}`
      : `${event} ${path} ${status_code} ${route ?? 'no route'}`,
  )
}
