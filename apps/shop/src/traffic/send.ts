import { type Agent, request } from 'node:http'

/** One request on the wire. */
export interface Question {
  method: string
  url: string
  headers: Record<string, string>
  body?: string | undefined
  /** When to be gone: once the application has the request, or after the first bytes of its answer. */
  leaves?: 'unanswered' | 'half-way' | undefined
  /** Called once the application has the request. */
  onTaken?: (() => void) | undefined
}

export interface Answer {
  /** `null` where the client left before one had come. */
  status: number | null
  cookie: string | undefined
  body: string
}

/**
 * Asks once and never again: every call that resolves is exactly one request
 * that reached the application. Rejects where that is not known.
 */
export function send(agent: Agent, question: Question): Promise<Answer> {
  const { method, url, headers, body, leaves, onTaken } = question
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers })
    if (leaves === 'unanswered' || onTaken) {
      // `100 Continue` is written as the request is handed to the application: from here on it counts.
      sent.setHeader('expect', '100-continue')
      sent.once('continue', () => {
        onTaken?.()
        if (leaves !== 'unanswered') return
        resolve({ status: null, cookie: undefined, body: '' })
        sent.destroy()
      })
    }
    sent.once('response', response => {
      const status = response.statusCode as number
      const cookie = response.headers['set-cookie']?.[0]?.split(';', 1)[0]
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (leaves !== 'half-way') return
        resolve({ status, cookie, body: text })
        sent.destroy()
      })
      response.once('end', () => resolve({ status, cookie, body: text }))
      response.once('error', reject)
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
