import justanalytics from '@justanalytics/koa'
import { serveKoa } from '../../apps/koa.js'
import type { Start } from '../../apps/running.js'
import { ourOptions } from '../our-options.js'

export const start: Start = sink =>
  serveKoa(app => {
    const analytics = justanalytics(ourOptions(sink))
    app.use(analytics)
    return analytics.client
  })
