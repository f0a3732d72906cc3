import type { buildConnector, Client } from 'undici'

/** What of undici posts a batch. */
export interface UndiciParts {
  readonly buildConnector: typeof buildConnector
  readonly Client: typeof Client
  /** To be called on a client. */
  readonly request: Client['request']
}

/**
 * Loads single files of undici. Its index would put a dispatcher of its own under the application's `fetch`, for good,
 * and hold the event loop four times as long (84 ms for 21). A release that has these files elsewhere is loaded whole.
 */
export async function loadUndici(): Promise<UndiciParts> {
  try {
    const [{ default: buildConnector }, { default: Client }, { default: request }] = [
      await import('undici/lib/core/connect.js'),
      await import('undici/lib/dispatcher/client.js'),
      await import('undici/lib/api/api-request.js'),
    ]
    return { buildConnector, Client, request }
  } catch {
    const { buildConnector, Client } = await import('undici')
    return { buildConnector, Client, request: Client.prototype.request }
  }
}
