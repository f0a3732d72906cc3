import { quantile } from '../stats.js'
import { CONNECTIONS, Connection } from './connection.js'
import { nextRequest } from './requests.js'
import { PATIENCE_MS, within } from './within.js'

export interface Pace {
  readonly port: number
  readonly milliseconds: number
  /** Requests a second, evenly spaced. */
  readonly rate: number
}

export interface Paced {
  /** Requests made, and how many of them were answered. */
  readonly made: number
  readonly answered: number
  /** Milliseconds from when a request was due to the end of its answer. */
  readonly p50: number
  readonly p99: number
}

/**
 * Requests at a steady pace, whatever becomes of those before. One for which no connection is free waits, and its
 * time runs from when it was due; one without an answer counts with the time it has waited.
 */
export async function pace({ port, milliseconds, rate }: Pace): Promise<Paced> {
  const connections = await Connection.openMany(port, CONNECTIONS)
  const free = [...connections]
  const waiting: number[] = []
  const underWay = new Set<number>()
  const times: number[] = []
  const total = Math.round((rate * milliseconds) / 1000)
  const began = performance.now()
  let sent = 0

  await within(
    milliseconds + PATIENCE_MS,
    new Promise<void>(resolve => {
      function send(connection: Connection, due: number): void {
        underWay.add(due)
        connection.onAnswer = () => {
          underWay.delete(due)
          times.push(performance.now() - due)
          if (times.length === total) return resolve()
          const first = waiting.shift()
          if (first === undefined) free.push(connection)
          else send(connection, first)
        }
        connection.send(nextRequest())
      }
      // A timer is too coarse for a due time; the loop turns without rest.
      function turnAround(): void {
        const now = performance.now()
        for (; sent < total; sent++) {
          const due = began + (sent * 1000) / rate
          if (due > now) break
          const connection = free.pop()
          if (connection) send(connection, due)
          else waiting.push(due)
        }
        if (sent < total) setImmediate(turnAround)
      }
      turnAround()
    }),
  )
  const answered = times.length
  const made = answered + underWay.size
  for (const due of [...underWay, ...waiting]) times.push(performance.now() - due)
  for (const connection of connections) connection.close()
  return { made, answered, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}
