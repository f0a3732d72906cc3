/** Makes requests on raw sockets. */

import { Connection } from './connection.js'
import { requests } from './requests.js'
import { answerCalls } from './rpc.js'

export interface Saturation {
  readonly port: number
  readonly milliseconds: number
  /** Each has one request under way at any time. */
  readonly connections: number
}

export interface Saturated {
  readonly answered: number
  readonly seconds: number
}

const texts = requests()
let turn = 0

function next(): Buffer {
  turn = (turn + 1) % texts.length
  return texts[turn] as Buffer
}

/** As many requests as the server can answer. */
async function saturate({ port, milliseconds, connections }: Saturation): Promise<Saturated> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)))
  const began = performance.now()
  const until = began + milliseconds
  let answered = 0
  await Promise.all(
    open.map(
      connection =>
        new Promise<void>(resolve => {
          connection.onAnswer = () => {
            answered++
            if (performance.now() < until) connection.send(next())
            else resolve()
          }
          connection.send(next())
        }),
    ),
  )
  const seconds = (performance.now() - began) / 1000
  for (const connection of open) connection.close()
  return { answered, seconds }
}

const verbs = { saturate }
export type LoadVerbs = typeof verbs
answerCalls(verbs)
