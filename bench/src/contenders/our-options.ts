import type { AnalyticsOptions } from '@justanalytics/core'

/** Our defaults, with the constants that the lower bound sends too. */
export function ourOptions(sink: string): AnalyticsOptions {
  return {
    apiKey: 'bench',
    siteId: 'bench',
    endpoint: `${sink}/v1/events`,
    release: 'bench@1',
    environment: 'production',
    service: 'bench',
  }
}
