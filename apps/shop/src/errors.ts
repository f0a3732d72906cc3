/**
 * An answer that is not a fault: 402 declined, 404 not there, 409 in the way.
 * Fastify reads `statusCode`, Koa and Express read `status`.
 */
export class ShopError extends Error {
  override readonly name = 'ShopError'
  readonly status: number
  readonly statusCode: number
  /** The message may be shown to the visitor. */
  readonly expose = true

  constructor(status: number, message: string) {
    super(message)
    this.status = status
    this.statusCode = status
  }
}

/** A receipt that could not be sent: the order stands, someone has to look. */
export class MailError extends Error {
  override readonly name = 'MailError'
}

/** The payment gateway did not do its part: an answer of 502, and a fault. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly status = 502
  readonly statusCode = 502
  readonly code = 'ETIMEDOUT'
}
