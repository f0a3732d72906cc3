import justanalytics from '@justanalytics/express'
import { serveExpress } from '../../apps/express.js'
import type { Start } from '../../apps/running.js'
import { ourOptions } from '../our-options.js'

export const start: Start = sink =>
  serveExpress(app => {
    const analytics = justanalytics(ourOptions(sink))
    app.use(analytics)
    return analytics.client
  })
