import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { type Case, only, play } from '../play.js'

const SECRET = 'hunter2'
const headers = {
  authorization: `Bearer ${SECRET}`,
  cookie: `session=${SECRET}`,
  'x-forwarded-for': '203.0.113.77',
  forwarded: 'for=203.0.113.77',
  'x-custom': SECRET,
  'content-type': 'application/json',
}

export const privacy: readonly Case[] = [
  {
    name: 'no header, cookie, body or address leaves the process, of no request',
    async run(subject) {
      const told = await play(subject, { options: { api: '/api/*' } }, async ({ ask }) => {
        const body = JSON.stringify({ name: { first: SECRET } })
        await ask(`/page?token=${SECRET}`, { headers })
        await ask('/throws/error', { headers })
        await ask('/api/items', { method: 'POST', headers, body })
        await ask('/validated', { method: 'POST', headers, body })
        await ask('/dressed', { headers })
      })
      expect(told.requests).toHaveLength(5)
      for (const secret of [SECRET, '203.0.113.77', 'X-Zebra']) expect(told.wire).not.toContain(secret)
      expect(JSON.stringify(told.events)).not.toContain('127.0.0.1')
    },
  },
  {
    name: 'a visitor id is no plain hash of address and user agent',
    async run(subject) {
      const told = await play(subject, {}, ({ ask }) => ask('/page'))
      const { visitor_id } = only(told.requests)
      for (const address of ['127.0.0.1', '::ffff:127.0.0.1']) {
        for (const glue of ['', ' ', '|', ':', '\n', '\0']) {
          for (const algorithm of ['sha256', 'sha1', 'md5']) {
            const hash = createHash(algorithm).update(`${address}${glue}conformance`).digest('hex')
            expect(hash.startsWith(String(visitor_id))).toBe(false)
          }
        }
      }
    },
  },
  {
    name: 'secrets in custom properties are redacted at any depth',
    async run(subject) {
      const beforeSend = <E>(event: E): E => event
      const told = await play(subject, { options: { beforeSend, redact: ['items'] } }, ({ ask }) =>
        ask('/captures'),
      )
      const [custom] = told.events.filter(event => event.event === 'cart_opened')
      expect(custom?.properties.cart).toEqual({ card: '[redacted]', lines: [{ sku: 'tea' }] })
      expect(told.wire).not.toContain('4111')
    },
  },
]
