/** What the application does, one after the other; then it ends by itself. */
export type Act =
  | { do: 'capture'; events: number }
  | { do: 'load'; perSecond: number; seconds: number }
  | { do: 'odd values' }
  | { do: 'wait'; ms: number }
  | { do: 'flush'; ms: number }
  | { do: 'throw' }
  | { do: 'exit' }

/** What it saw. */
export interface Told {
  captured: number
  /** Calls of the client that threw. */
  threw: number
  flushed: 'not asked' | 'true' | 'false' | 'nothing said' | 'rejected' | (string & {})
  /** Growth over the load, after a collection of garbage. */
  heapMib: number
  /** The plan is done: from here on it ends by itself. */
  done: boolean
}
