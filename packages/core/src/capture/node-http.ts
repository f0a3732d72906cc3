import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Outcome } from '../event/schema.js'
import type { HttpCapture } from './http.js'
import { watchResponse } from './node-response.js'
import type { RequestRecord } from './request.js'

/**
 * Begins the record of a request on Node, which ends with its response.
 * @param settle has the last word on how it ended, where the framework knows more than the response
 */
export function beginRequest<R>(
  http: HttpCapture<R>,
  request: R,
  incoming: IncomingMessage,
  response: ServerResponse,
  settle?: (request: R, outcome: Outcome) => Outcome,
): RequestRecord {
  const record = http.begin(request)
  if (!http.enabled) return record
  watchResponse(incoming, response, (status, outcome, error) => {
    if (error !== undefined) record.fail(error)
    record.end(status, settle ? settle(request, outcome) : outcome)
  })
  return record
}

/**
 * Closes what was behind a server. Sockets tell of their end only after the server has told of its own: at the end
 * of a turn of the event loop, behind its immediates.
 */
export async function closeBehindServer<R>(http: HttpCapture<R>): Promise<boolean> {
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
  return http.close()
}
