import { createAnalytics } from '@justanalytics/core'
import type { Start } from './client.js'

export const start: Start = url => {
  const client = createAnalytics({
    apiKey: 'scoreboard-key',
    siteId: 'site_1',
    endpoint: url,
    // The others report crashes unless told not to.
    captureUncaught: true,
  })
  return {
    capture: (mark, value) => client.capture(mark, { value }),
    flush: timeout => client.flush(timeout),
  }
}
