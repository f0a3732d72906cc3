import justanalytics from '@justanalytics/hono'
import { serveHono } from '../../apps/hono.js'
import type { Start } from '../../apps/running.js'
import { ourOptions } from '../our-options.js'

export const start: Start = sink =>
  serveHono(app => {
    const analytics = justanalytics(ourOptions(sink))
    app.use(analytics)
    return analytics.client
  })
