import type { Outcome } from '../event/schema.js'
import type { Threaded } from './context.js'
import { NO_SOCKET, type SocketRecord } from './socket.js'

/** What hangs on the framework's own request object: the client's two verbs, tied to this request. */
export interface RequestAnalytics {
  /** Captures a custom event that carries this request's id and user. */
  capture(event: string, properties?: Record<string, unknown>): void
  /** Reports an error whatever becomes of the request; thrown afterwards, it is still one exception. */
  captureException(error: unknown, properties?: Record<string, unknown>): void
  /** Says who made the request; it outranks the `user` option, `null` included. */
  setUser(id: string | number | bigint | null): void
}

/** What a route says of itself: its names in place of those told from its pattern, or that it is left out. */
export type RouteControl = false | { readonly viewset?: string; readonly action?: string }

/** One request's record, as adapters see it. Nothing in it ever throws. */
export interface RequestRecord extends RequestAnalytics, Threaded {
  /**
   * An error of the application as the framework showed it. It may come several times and in several places;
   * whether it is reported is decided by how the request ends.
   */
  fail(error: unknown): void
  /** For a route-level middleware. */
  control(control: RouteControl): void
  /**
   * The response is over. The first call counts.
   * @param status `null` if no header had left
   */
  end(status: number | null, outcome: Outcome): void
  /** The request has become a WebSocket: as a request it ends here, with 101. */
  upgrade(): SocketRecord
  readonly ended: boolean
}

/** Stands in where there is nothing to record: a disabled client. */
export const NO_RECORD: RequestRecord = Object.freeze({
  capture() {},
  captureException() {},
  setUser() {},
  fail() {},
  control() {},
  end() {},
  upgrade: () => NO_SOCKET,
  thread: () => undefined,
  ended: true,
})
