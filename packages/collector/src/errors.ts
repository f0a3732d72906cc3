/** A wrong option, or a reason why the collector cannot start: one sentence that says what to do. */
export class CollectorError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CollectorError'
  }
}

/** Statuses the collector refuses a request with. */
export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 503

/** A request that is not served: its status, one sentence for the JSON body, and what else the answer bears. */
export class Refusal extends Error {
  readonly status: RefusalStatus
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: RefusalStatus,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'Refusal'
    this.status = status
    this.headers = headers
  }
}
