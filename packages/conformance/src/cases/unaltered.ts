import { expect } from 'vitest'
import { type Case, play, type Scene } from '../play.js'
import type { HttpSubject } from '../subject.js'

const exchanges: readonly [name: string, request: string][] = [
  ['a page', get('/page')],
  ['JSON', get('/json')],
  ['headers, their case and order, and cookies', get('/dressed')],
  ['a 204', get('/empty')],
  ['a 304', get('/not-modified')],
  ['a redirect', get('/moved')],
  ['HEAD', get('/page', 'HEAD')],
  ['OPTIONS', get('/page', 'OPTIONS')],
  ['a 404', get('/nowhere')],
  ['a stream', get('/stream')],
  ['server-sent events', get('/events')],
  ['HEAD on a stream', get('/stream', 'HEAD')],
  ['a thrown error', get('/throws/error')],
  ['a rejected error', get('/rejects/error')],
  ['a thrown string', get('/rejects/string')],
  ['an HTTP error', get('/http-error/418')],
  ['an error handler', get('/teapot')],
  ['an error handler that throws', get('/handler-throws')],
  ['a stream that breaks before its first byte', get('/stream/stillborn')],
  ['a stream that breaks', get('/stream/broken')],
  ['a response taken over by hand', get('/hijacked')],
  ['an undecodable URL', get('/api/items/%zz')],
  ['a malformed body', post('/api/items', '{"name":')],
  ['a validation error', post('/validated', '{}')],
]

/** The application with and without its adapter. */
export const unaltered: readonly Case[] = [
  ...exchanges.map(
    ([name, request]): Case => ({
      name: `unaltered: the bytes of ${name}`,
      async run(subject) {
        const [alone, accompanied] = await twins(subject, request)
        expect(accompanied.bytes).toBe(alone.bytes)
        // Of a body that breaks before its first byte a framework may send nothing at all.
        if (!request.includes('/stillborn')) expect(alone.bytes).not.toBe('')
      },
    }),
  ),
  {
    name: 'unaltered: the error object that the application’s own error handling gets, and how often',
    async run(subject) {
      for (const path of [
        '/throws/error',
        '/rejects/subclass',
        '/throws/status404',
        '/teapot',
        '/rejects/hostile',
      ]) {
        const [alone, accompanied] = await twins(subject, get(path))
        for (const { stage } of [alone, accompanied]) expect(stage.thrown).toHaveLength(1)
        const identities = ({ stage }: typeof alone): boolean[] =>
          stage.seen.map(error => error === stage.thrown[0])
        expect(identities(accompanied)).toEqual(identities(alone))
        expect(Object.getOwnPropertyNames(accompanied.stage.thrown[0]).sort()).toEqual(
          Object.getOwnPropertyNames(alone.stage.thrown[0]).sort(),
        )
      }
    },
  },
  {
    name: 'unaltered: the listeners of the process and of the framework',
    async run(subject) {
      const [alone, accompanied] = await twins(subject, get('/throws/error'))
      expect(accompanied.listeners).toEqual(alone.listeners)
    },
  },
]

function get(path: string, method = 'GET'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`
}

function post(path: string, body: string): string {
  const head = 'Host: shop.example\r\nConnection: close\r\nContent-Type: application/json'
  return `POST ${path} HTTP/1.1\r\n${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

async function twins(subject: HttpSubject, request: string): Promise<[Twin, Twin]> {
  return [
    await exchange(subject, { adapters: 0 }, request),
    await exchange(subject, { adapters: 1 }, request),
  ]
}

type Twin = Awaited<ReturnType<typeof exchange>>

async function exchange(subject: HttpSubject, scene: Scene, request: string) {
  let bytes = ''
  let listeners: Record<string, number> = {}
  const { stage } = await play(subject, scene, async ({ connect, app, stage }) => {
    const client = await connect()
    client.write(request)
    // A stream waits for its first part to be out, so that both twins cut their chunks in the same places.
    if (/^GET \/(stream|events|stream\/broken) /.test(request)) await client.until('first')
    stage.open()
    bytes = (await client.toTheEnd()).replace(/^(date): .*$/im, '$1: …')
    listeners = { ...processListeners(), ...app.listeners?.() }
  })
  return { bytes, listeners, stage }
}

/** Ours to listen to: `beforeExit` flushes what is queued, `exit` counts what could not be sent. */
const OURS: readonly (string | symbol)[] = ['beforeExit', 'exit']

function processListeners(): Record<string, number> {
  const names = process.eventNames().filter(name => !OURS.includes(name))
  return Object.fromEntries(names.map(name => [`process ${String(name)}`, process.listenerCount(name)]))
}
