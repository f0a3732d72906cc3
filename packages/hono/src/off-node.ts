import { type RequestRecord, watchWebResponse } from '@justanalytics/core/adapter'
import type { Context } from 'hono'
import { hasLeft, sentOf, waitUntil } from './runtime.js'
import { isUpgrade } from './websocket.js'

/**
 * Ends a record where no response of Node's tells how it ended: Hono's own does.
 * @param threw whether an error left the last middleware; every platform answers it with 500
 * @param flush sends what is told, where no process does
 */
export function endOffNode(
  c: Context,
  record: RequestRecord,
  threw: boolean,
  flush: () => Promise<unknown>,
): void {
  if (hasLeft(c)) record.end(null, 'client_abort')
  else if (threw || !c.finalized) record.end(500, 'ok')
  const ended = record.ended ? Promise.resolve() : followResponse(c, record)
  waitUntil(c, () => ended.then(flush))
}

/** Resolves when the response is over. */
function followResponse(c: Context, record: RequestRecord): Promise<void> {
  return new Promise(resolve => {
    const response = watchWebResponse(
      c.res,
      (status, outcome, error) => {
        if (error !== undefined) record.fail(error)
        record.end(isUpgraded(c, status) ? 101 : status, outcome)
        resolve()
      },
      { hasBody: c.req.method !== 'HEAD', sent: sentOf(c) },
    )
    if (response === c.res) return
    // A response that takes another one's place is given its headers once more.
    c.res = undefined
    c.res = response
  })
}

/** Node and Bun answer an upgrade themselves; what Hono gives them instead is empty. */
function isUpgraded(c: Context, status: number | null): boolean {
  return status === 200 && isUpgrade(c) && c.res.body === null
}
