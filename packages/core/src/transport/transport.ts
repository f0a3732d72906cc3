/** What came of one attempt to post a body. */
export type Attempt = Answer | Failure

/** The endpoint answered; from its headers on the status counts, even where the rest never came. */
export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  readonly contentType: string
  /** The `Retry-After` header as it stood. */
  readonly retryAfter: string | undefined
  /** The text, if it came whole, in time and within {@link MAX_ANSWER_BYTES}. */
  readonly text: string | undefined
}

/** No answer came. */
export interface Failure {
  readonly kind: 'failure'
  /** `ECONNREFUSED`, `UND_ERR_SOCKET`, …; `timeout` where the deadline ended it. */
  readonly code: string
  /** It failed on a connection that had served before: the peer may just have closed it. */
  readonly reused: boolean
}

export interface TransportOptions {
  readonly endpoint: string
  readonly apiKey: string
  /** Milliseconds for connecting, sending and reading together. */
  readonly requestTimeout: number
}

export interface SendOptions {
  readonly compress: boolean
  /** Of all the texts in UTF-8, without what is put between them. */
  readonly bytes: number
}

/** One verb. An attempt never rejects and never outlives its deadline. */
export interface Transport {
  send(texts: readonly string[], options: SendOptions): Promise<Attempt>
  /** Ends attempts under way and releases sockets; a later attempt opens new ones. */
  close(): void
}

/** Read of an answer at most. */
export const MAX_ANSWER_BYTES: number = 64 * 1024
/** Bodies above this are compressed. */
export const COMPRESS_ABOVE_BYTES: number = 1024

/** What an error calls itself. */
export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown'
}

/** One event goes as an object, several as an array. */
export function encode(texts: readonly string[]): string {
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(',')}]`
}
