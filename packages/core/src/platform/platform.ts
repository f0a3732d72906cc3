import type { Mortal } from '../life.js'
import type { PostNowOptions } from '../transport/post-now.js'
import type { Spool, SpoolParts, SpoolSettings } from '../transport/spool/spool.js'
import type { Transport, TransportOptions } from '../transport/transport.js'

export type Variables = Readonly<Record<string, string | undefined>>

/**
 * What differs between Node and other runtimes. Which one is meant is told by the conditions of `#platform` in
 * package.json, so a bundle for Workers never meets what only Node has.
 */
export interface Platform {
  /**
   * Nothing outlives the request that started it, as on Workers: no timer sends, and every attempt is made and
   * awaited by a `flush()`.
   */
  readonly onDemand: boolean
  /** What a request says can be read for a while after its end. Elsewhere it may be gone with the answer. */
  readonly requestsLast: boolean
  /** The environment; a variable that may not be read counts as not set. */
  variables(): Variables
  hostName(): string | undefined
  /** The debug id that a file of a stack bears; `undefined` without one, or without a file system. */
  debugIdOf(file: string): string | undefined
  hmacSha256(key: string | Uint8Array, text: string): Uint8Array
  createTransport(options: TransportOptions): Transport
  /** @returns stops watching */
  watchProcess(mortal: Mortal): () => void
  /**
   * Posts while the process waits.
   * @returns how many of the batches, from the first on, were acknowledged
   */
  postNow(options: PostNowOptions): number
  /** `undefined`: there is no file system to rely on. */
  readonly openSpool: ((settings: SpoolSettings, parts: SpoolParts) => Spool) | undefined
}
