/** An application that listens on a port of its own. */
export interface Running {
  readonly port: number
  /** Ends as its framework and the reporter in it say it should be ended. */
  close(): Promise<unknown>
}

/**
 * What every contender's module exports as `start`.
 * @param sink address under which the sink takes what this contender reports
 */
export type Start = (sink: string) => Promise<Running>

/** What every application answers to `GET /users/:id`; the load tells an answer's end by its last bytes. */
export const ANSWER = { hello: 'world' } as const
