/** What went wrong at construction; after it nothing is ever thrown into the host application. */
export type JustAnalyticsErrorCode = 'WRONG_OPTION'

/**
 * Thrown by `createAnalytics` and by every adapter while they are being set up, never later.
 * The message is one sentence that names the option, what was expected and what was given.
 */
export class JustAnalyticsError extends Error {
  override readonly name = 'JustAnalyticsError'
  readonly code: JustAnalyticsErrorCode
  /** The option that is wrong, as the caller wrote it. */
  readonly option: string

  constructor(code: JustAnalyticsErrorCode, option: string, message: string) {
    super(message)
    this.code = code
    this.option = option
  }
}
