import { RawClient } from '@justanalytics/conformance'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { expect, it } from 'vitest'
import justanalytics from '../src/index.js'

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

// Where `reply.send()` throws, an onSend hook would catch the error before the handler sees it.
const handlers: [string, Handler][] = [
  [
    'a handler that catches what reply.send() throws',
    (_, reply) => {
      try {
        reply.type('text/plain').send({ no: 'text' })
      } catch (error) {
        reply.code(409).send(String(error))
      }
    },
  ],
  ['a payload of the wrong type', (_, reply) => reply.type('text/plain').send({ no: 'text' })],
  ['a header that is none', async (_, reply) => reply.header('x-bad', 'a\nb').send('text')],
  [
    'an answer sent twice',
    (_, reply) => {
      reply.send('first')
      reply.send('second')
    },
  ],
]

async function bytes(handler: Handler, accompanied: boolean): Promise<string> {
  const app = fastify()
  const logger = { warn: (): void => {} }
  if (accompanied) {
    app.register(justanalytics, { apiKey: 'key', siteId: 'site', beforeSend: () => null, logger })
  }
  app.get('/', handler)
  const client = await RawClient.connect(await app.listen({ host: '127.0.0.1', port: 0 }))
  client.send('/', 'Connection: close\r\n')
  const answer = await client.toTheEnd()
  await app.close()
  return answer.replace(/^date: .*$/im, '')
}

it.each(handlers)('%s answers as without the plugin', async (_name, handler) => {
  const alone = await bytes(handler, false)
  expect(await bytes(handler, true)).toBe(alone)
  expect(alone).not.toBe('')
})
