import { errors } from 'undici'
import { expect, it } from 'vitest'
import { isBorrowedStatus } from '../../src/event/borrowed.js'
import { hostile } from './hostile.js'

const named = (name: string, own: object = {}): Error =>
  Object.assign(new Error('x'), { name, status: 404 }, own)

class LazyRequestError extends Error {
  override readonly name = 'RequestError'
  get response(): object {
    return { statusCode: 404 }
  }
}

it.each<[string, unknown]>([
  [
    'axios, with an answer',
    named('AxiosError', { isAxiosError: true, config: {}, request: {}, response: {} }),
  ],
  ['axios, by its mark', named('Error', { isAxiosError: true })],
  ['axios, by its class', named('AxiosError')],
  ['got', named('HTTPError', { options: {}, response: { statusCode: 404 } })],
  ['got, with what only its class has', new LazyRequestError()],
  ['ky', named('HTTPError', { response: new Response(), request: {} })],
  ['undici, an answer', new errors.ResponseError('x', 404, { headers: {}, body: '' })],
  ['undici, a timeout', new errors.HeadersTimeoutError()],
  ['superagent', named('Error', { response: { status: 404 } })],
  ['gaxios', named('GaxiosError', { config: {} })],
  ['ofetch', Object.defineProperty(named('FetchError'), 'response', { get: () => new Response() })],
  ['one that bears its request alone', named('Error', { request: {} })],
])('a status is borrowed from %s', (_name, error) => {
  expect(isBorrowedStatus(error)).toBe(true)
})

it.each<[string, unknown]>([
  ['an error', new Error('x')],
  ['http-errors', named('NotFoundError', { statusCode: 404, expose: true, headers: {} })],
  ['@fastify/error', named('FastifyError', { code: 'FST_ERR_NOT_FOUND', statusCode: 404 })],
  ['a validation error of Fastify', named('Error', { validation: [], validationContext: 'body' })],
  [
    'boom',
    named('Error', { isBoom: true, isServer: false, data: null, output: { statusCode: 404, payload: {} } }),
  ],
  ['Hono', named('Error', { res: new Response() })],
  ['a class of that name of the application’s own', named('HTTPError')],
  ['an exchange that never was', named('Error', { response: undefined, request: null })],
  ['nothing', undefined],
  ['a string', 'response'],
])('a status is not borrowed from %s', (_name, error) => {
  expect(isBorrowedStatus(error)).toBe(false)
})

it.each(Object.entries(hostile))('it can be asked of %s', (_name, make) => {
  expect(typeof isBorrowedStatus(make())).toBe('boolean')
})
