import { answer, FaultServer, type ReferenceLedger, refusedUrl, silence } from './server/index.js'

/** The key of every client under test. It turns up nowhere but in its header. */
export const API_KEY = 'key-that-must-not-show'

/** How an endpoint is, from start to end. */
export type Health = 'up' | 'refused' | 'silent' | 'sick'

const SCRIPTS = {
  up: {},
  refused: {},
  silent: { answer: [[silence]] },
  sick: { answer: [[answer(503)]] },
} as const

export interface Endpoint extends AsyncDisposable {
  readonly url: string
  readonly ledger: ReferenceLedger
}

export async function openEndpoint(health: Health): Promise<Endpoint> {
  const server = await FaultServer.open({ script: SCRIPTS[health] })
  return {
    url: health === 'refused' ? await refusedUrl() : server.url,
    ledger: server.ledger,
    [Symbol.asyncDispose]: () => server.close(),
  }
}
