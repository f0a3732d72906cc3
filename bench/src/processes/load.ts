/** Makes requests on raw sockets. */
import { quantile } from '../stats.js'
import { Connection } from './connection.js'
import { requests } from './requests.js'
import { answerCalls } from './rpc.js'

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

export interface Pace extends Saturation {
  /** Requests a second, evenly spaced. */
  readonly rate: number
}

export interface Paced {
  readonly made: number
  readonly answered: number
  /** Milliseconds from when a request was due to the end of its answer. */
  readonly p50: number
  readonly p99: number
}

const CONNECTIONS = 64
/** What has no answer by then never gets one. */
const PATIENCE_MS = 5000

const texts = requests()
let turn = 0

function next(): Buffer {
  turn = (turn + 1) % texts.length
  return texts[turn] as Buffer
}

/** As many requests as the server can answer: each connection has one under way at any time. */
async function saturate({ port, milliseconds }: Saturation): Promise<Saturated> {
  const connections = await Connection.openMany(port, CONNECTIONS)
  const began = performance.now()
  const until = began + milliseconds
  let made = 0
  let answered = 0
  const send = (connection: Connection): void => {
    made++
    connection.send(next())
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
  await within(milliseconds + PATIENCE_MS, Promise.all(done))
  const seconds = (performance.now() - began) / 1000
  for (const connection of connections) connection.close()
  return { made, answered, seconds }
}

/**
 * Requests at a steady pace, whatever becomes of those before. One for which no connection is free waits, and its
 * time runs from when it was due; one without an answer counts with the time it has waited.
 */
async function pace({ port, milliseconds, rate }: Pace): Promise<Paced> {
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
        connection.send(next())
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

async function within(milliseconds: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
}

const verbs = { saturate, pace }
export type LoadVerbs = typeof verbs
answerCalls(verbs)
