/** What a handler throws, by name. Each call makes a new one, as real faults do. */
export function makeFault(name: string): unknown {
  const make = FAULTS[name]
  if (!make) throw new Error(`No such fault: ${name}`)
  return make()
}

class PaymentError extends Error {
  override name = 'PaymentError'
}

const FAULTS: Readonly<Record<string, () => unknown>> = {
  error: () => new Error('the shelf is empty'),
  subclass: () => new PaymentError('the card was declined'),
  /** As its own name and status say, the way http-errors and framework errors do. */
  status404: () => Object.assign(new Error('no such thing'), { status: 404, statusCode: 404, expose: true }),
  status418: () =>
    Object.assign(new Error('short and stout'), { status: 418, statusCode: 418, expose: true }),
  status503: () =>
    Object.assign(new Error('come back later'), { status: 503, statusCode: 503, expose: true }),
  cause: () =>
    new Error('could not load the cart', {
      cause: new TypeError('bad row', { cause: new RangeError('row 7') }),
    }),
  aggregate: () => new AggregateError([new Error('first'), new TypeError('second')], 'both failed'),
  system: () =>
    Object.assign(new Error('connect ECONNREFUSED 10.0.0.9:5432'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    }),
  string: () => 'just text',
  null: () => null,
  undefined: () => undefined,
  number: () => 42,
  object: () => ({ reason: 'plain object' }),
  /** Getters that throw, a cycle, a name that is no string. */
  hostile: () => {
    const error = Object.assign(new Error('hostile'), { self: null as unknown })
    error.self = error
    Object.defineProperty(error, 'name', { value: { not: 'a string' } })
    Object.defineProperty(error, 'cause', {
      get() {
        throw new Error('no cause for you')
      },
    })
    return error
  },
  /** As axios throws it: it carries the upstream's answer and, from 1.x on, lends its status. */
  axios404: () =>
    Object.assign(new Error('Request failed with status code 404'), {
      name: 'AxiosError',
      code: 'ERR_BAD_REQUEST',
      isAxiosError: true,
      config: { url: 'http://stock.internal/items/7', headers: { authorization: 'Bearer upstream-secret' } },
      request: {},
      response: { status: 404, data: 'upstream-body' },
      status: 404,
      statusCode: 404,
    }),
  /** As undici throws it under `throwOnError` or its response-error interceptor. */
  undici404: () => {
    class ResponseError extends Error {
      override name = 'ResponseError'
      code = 'UND_ERR_RESPONSE'
      statusCode = 404
      status = 404
      body = 'upstream-body'
      headers = { 'x-upstream': 'upstream-secret' }
    }
    return new ResponseError('Response status code 404')
  },
}
