import { expect } from 'vitest'
import { type Case, only, play, type Told } from '../play.js'
import type { HttpSubject } from '../subject.js'

/** Asks once; the request event has the status the client saw. */
async function visit(subject: HttpSubject, path: string): Promise<Told & { status: number }> {
  let status = 0
  const told = await play(subject, {}, async ({ ask }) => {
    status = (await ask(path)).status
  })
  expect(only(told.requests)).toMatchObject({ path, status_code: status, outcome: 'ok' })
  return { ...told, status }
}

/** Koa never answers a request that threw a falsy value: a client that has waited long enough leaves. */
async function visitInVain(subject: HttpSubject, path: string): Promise<Told & { status: number | null }> {
  let status: number | null = null
  const told = await play(subject, {}, async ({ ask }) => {
    const answer = await ask(path, { signal: AbortSignal.timeout(2000) }).catch(error => {
      if (error.name !== 'TimeoutError') throw error
    })
    status = answer?.status ?? null
  })
  const outcome = status === null ? 'client_abort' : 'ok'
  expect(only(told.requests)).toMatchObject({ path, status_code: status, outcome })
  return { ...told, status }
}

/** What is thrown, and how its exception reads. */
const thrown: readonly [name: string, fault: string, exception: object][] = [
  ['an error', 'error', { exception_type: 'Error', exception_message: 'the shelf is empty' }],
  ['a subclass', 'subclass', { exception_type: 'PaymentError', exception_message: 'the card was declined' }],
  ['a 503 error', 'status503', { exception_type: 'Error', exception_message: 'come back later' }],
  ['a system error', 'system', { exception_type: 'Error', code: 'ECONNREFUSED', syscall: 'connect' }],
  ['a hostile error', 'hostile', { exception_message: 'hostile' }],
  ['a string', 'string', { exception_type: 'string', exception_message: 'just text' }],
  ['a number', 'number', { exception_type: 'number', exception_message: '42' }],
  ['an object', 'object', { exception_type: 'Object' }],
  ['null', 'null', { exception_message: 'null' }],
  ['undefined', 'undefined', { exception_message: 'undefined' }],
  [
    'an error with a chain of causes',
    'cause',
    {
      exception_message: 'could not load the cart',
      causes: [
        expect.objectContaining({ exception_type: 'TypeError', exception_message: 'bad row' }),
        expect.objectContaining({ exception_type: 'RangeError', exception_message: 'row 7' }),
      ],
    },
  ],
  [
    'an AggregateError',
    'aggregate',
    {
      exception_type: 'AggregateError',
      causes: [
        expect.objectContaining({ exception_type: 'Error', exception_message: 'first' }),
        expect.objectContaining({ exception_type: 'TypeError', exception_message: 'second' }),
      ],
    },
  ],
]

const ways = [
  ['thrown', 'throws'],
  ['thrown after an await', 'rejects'],
] as const

/** Errors that reach the framework: the final status decides, not the error. */
export const faults: readonly Case[] = [
  ...thrown.flatMap(([what, fault, exception]) =>
    ways.map(
      ([how, route]): Case => ({
        name: `${what} ${how}: one exception, tied to its request`,
        async run(subject) {
          const go = fault === 'null' || fault === 'undefined' ? visitInVain : visit
          const { status, requests, exceptions } = await go(subject, `/${route}/${fault}`)
          if (status !== null) expect(status).toBeGreaterThanOrEqual(500)
          const { request_id, route: pattern } = only(requests)
          expect(pattern).toBe(`/${route}/:what`)
          expect(only(exceptions)).toMatchObject({
            path: `/${route}/${fault}`,
            method: 'GET',
            route: pattern,
            request_id,
            ...(status !== null && { status_code: status }),
            mechanism: 'request',
            handled: true,
            traceback: expect.any(String),
            ...exception,
          })
        },
      }),
    ),
  ),
  {
    name: 'a traceback begins with the error and names the file that threw it',
    async run(subject) {
      const { exceptions } = await visit(subject, '/throws/error')
      const traceback = String(only(exceptions).traceback)
      expect(traceback.split('\n')[0]).toBe('Error: the shelf is empty')
      expect(traceback).toMatch(/faults\.[jt]s/)
    },
  },
  ...[404, 418].map(
    (status): Case => ({
      name: `the framework's own HTTP error ${status}: an answer, no exception`,
      async run(subject) {
        const told = await visit(subject, `/http-error/${status}`)
        expect(told.status).toBe(status)
        expect(told.exceptions).toEqual([])
      },
    }),
  ),
  {
    name: "the framework's own HTTP error 503: a fault",
    async run(subject) {
      const told = await visit(subject, '/http-error/503')
      expect(told.status).toBe(503)
      expect(only(told.exceptions)).toMatchObject({ status_code: 503, mechanism: 'request' })
    },
  },
  {
    name: 'an error that carries a 4xx status: an exception only if the framework answered 5xx',
    async run(subject) {
      for (const fault of ['status404', 'status418']) {
        const told = await visit(subject, `/throws/${fault}`)
        expect(told.exceptions).toHaveLength(told.status >= 500 ? 1 : 0)
      }
    },
  },
  {
    name: 'a validation error: an answer, no exception',
    async run(subject) {
      let status: number | undefined
      const told = await play(subject, {}, async ({ ask }) => {
        const headers = { 'content-type': 'application/json' }
        status = (await ask('/validated', { method: 'POST', headers, body: '{"name":{"no":"string"}}' }))
          .status
      })
      expect(status).toBe(400)
      expect(only(told.events).properties).toMatchObject({ status_code: 400, route: '/validated' })
    },
  },
  ...['axios404', 'undici404'].map(
    (fault): Case => ({
      name: `an HTTP client's error that bubbles up (${fault}): a fault, borrowed where it lends its status`,
      async run(subject) {
        const { status, exceptions, wire } = await visit(subject, `/rejects/${fault}`)
        const exception = only(exceptions)
        expect(exception.borrowed_status).toBe(status < 500 ? true : undefined)
        for (const secret of ['upstream-secret', 'upstream-body']) expect(wire).not.toContain(secret)
      },
    }),
  ),
  {
    name: 'an error in a nested and mounted route: an exception with the whole pattern',
    async run(subject) {
      const { exceptions } = await visit(subject, '/v1/acme/faults/7')
      expect(only(exceptions)).toMatchObject({ route: '/v1/:org/faults/:id', path: '/v1/acme/faults/7' })
    },
  },
  {
    name: 'the answer sent, then an error thrown: the answer counts',
    async run(subject) {
      const { status, events } = await visit(subject, '/sent-and-thrown')
      expect(status).toBe(200)
      expect(only(events).properties.outcome).toBe('ok')
    },
  },
]
