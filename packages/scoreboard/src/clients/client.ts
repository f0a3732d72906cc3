/** One of the clients under comparison, started in an application. */
export interface Client {
  /** Takes one event that has a text in it by which it is known at the endpoint, and a value of any kind beside. */
  capture(mark: string, value?: unknown): void
  /**
   * What the client's own documentation calls before an end: `true` or `false` where it says whether everything got
   * through, `undefined` where it resolves and says nothing.
   */
  flush(timeout: number): Promise<boolean | undefined>
}

/** @param url the endpoint's, ending in `/v1/events` */
export type Start = (url: string) => Client

export const CLIENTS = ['ours', 'sentry', 'posthog', 'segment', 'otel'] as const
export type ClientName = (typeof CLIENTS)[number]
