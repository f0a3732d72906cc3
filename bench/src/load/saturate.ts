import { CONNECTIONS, Connection } from './connection.js'
import { nextRequest } from './requests.js'
import { PATIENCE_MS, within } from './within.js'

export interface Saturation {
  readonly port: number
  readonly milliseconds: number
}

export interface Saturated {
  /** Requests made, and how many of them were answered. */
  readonly made: number
  readonly answered: number
  readonly seconds: number
}

/**
 * As many requests as the server can answer: each connection has one under way at any time. It turns without rest:
 * whoever sleeps has to be woken, and on a virtual machine the server pays for that in its system calls, the more so
 * the slower it is, since the load then sleeps more often.
 */
export async function saturate({ port, milliseconds }: Saturation): Promise<Saturated> {
  const connections = await Connection.openMany(port, CONNECTIONS)
  const began = performance.now()
  const until = began + milliseconds
  let made = 0
  let answered = 0
  const send = (connection: Connection): void => {
    made++
    connection.send(nextRequest())
  }
  const done = connections.map(
    connection =>
      new Promise<void>(resolve => {
        connection.onAnswer = () => {
          answered++
          if (performance.now() < until) send(connection)
          else resolve()
        }
        send(connection)
      }),
  )
  let isOver = false
  const turnAround = (): void => {
    if (!isOver) setImmediate(turnAround)
  }
  turnAround()
  await within(milliseconds + PATIENCE_MS, Promise.all(done))
  isOver = true
  const seconds = (performance.now() - began) / 1000
  for (const connection of connections) connection.close()
  return { made, answered, seconds }
}
