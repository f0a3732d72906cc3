export { createAnalytics } from './analytics.js'
export type { Analytics } from './client.js'
export { JustAnalyticsError, type JustAnalyticsErrorCode } from './errors.js'
export type {
  AnalyticsEvent,
  ApiRequestProperties,
  Cause,
  ClientReportProperties,
  CommonProperties,
  EventName,
  EventProperties,
  ExceptionProperties,
  Mechanism,
  Outcome,
  PageviewProperties,
  RequestProperties,
  TaskCompletedProperties,
  TaskFailedProperties,
  TaskFailureReason,
  TaskProperties,
} from './event/schema.js'
export type { Logger } from './log.js'
export type { AdapterOptions, AnalyticsOptions, Matcher } from './options.js'
export type { DropReason, Stats } from './queue/ledger.js'
