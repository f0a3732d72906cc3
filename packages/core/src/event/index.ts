export { describeError, type ErrorFacts, isBorrowedStatus } from './exception.js'
export { newId } from './id.js'
export { LIMITS, MARK } from './limits.js'
export { type ParsedEvents, parseEvents, type Rejection } from './parse.js'
export { createSecretTest, REDACTED, type SecretTest } from './redact.js'
export {
  type AnalyticsEvent,
  type ApiRequestProperties,
  type Cause,
  type ClientReportProperties,
  type CommonProperties,
  EVENT_NAMES,
  type EventName,
  type EventProperties,
  type ExceptionProperties,
  type Mechanism,
  type Outcome,
  type PageviewProperties,
  type RequestProperties,
  type TaskCompletedProperties,
  type TaskFailedProperties,
  type TaskFailureReason,
  type TaskProperties,
} from './schema.js'
export { serialise, shrink } from './serialise.js'
export { cut } from './text.js'
export { snapshot, snapshotProperties } from './values.js'
