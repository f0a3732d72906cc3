import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

const servers: Server[] = []
const sockets = new Set<Socket>()

/** @returns the port */
export async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

export function closeBackends(): void {
  for (const server of servers) server.close()
  for (const socket of sockets) socket.destroy()
}

let origin: Promise<string> | undefined

/** Another service: `/status/503/…`, `/garbled/…`, `/slow/…` and `/hang-up/…` do as they are called. */
export function upstream(): Promise<string> {
  origin ??= listen(
    createHttpServer(({ url = '', socket }, response) => {
      const [, how, status] = url.split('/')
      if (how === 'status') response.writeHead(Number(status)).end()
      if (how === 'garbled') response.end(`<html>${url}</html>`)
      if (how === 'hang-up') socket.destroy()
    }),
  ).then(port => `http://127.0.0.1:${port}`)
  return origin
}

export interface Refusal {
  code: string
  message: string
  detail?: string
  constraint?: string
}

/** A PostgreSQL that refuses every query with what `answer` says to its text, or hangs up. */
export function postgres(answer: (sql: string) => Refusal | undefined): Promise<number> {
  const server = createServer(socket => {
    let started = false
    const ready = () => socket.write(message('Z', 'I'))
    const refuse = (sql: string) => {
      const refusal = answer(sql)
      if (!refusal) return void socket.destroy()
      socket.write(message('E', fields(refusal)))
    }
    socket.on('data', data => {
      if (!started) {
        started = true
        socket.write(message('R', '\0\0\0\0'))
        return void ready()
      }
      for (let at = 0; at < data.length; at += 1 + data.readInt32BE(at + 1)) {
        const kind = String.fromCharCode(data[at] ?? 0)
        const body = data.toString('utf8', at + 5, at + 1 + data.readInt32BE(at + 1))
        if (kind === 'Q' || kind === 'P') refuse(body.replaceAll('\0', ''))
        if (kind === 'Q' || kind === 'S') ready()
        if (kind === 'X') socket.end()
      }
    })
  })
  return listen(server)
}

function fields({ code, message, detail, constraint }: Refusal): string {
  const given = { S: 'ERROR', V: 'ERROR', C: code, M: message, D: detail, n: constraint, R: 'refused' }
  const written = Object.entries(given).map(([name, value]) => (value ? `${name}${value}\0` : ''))
  return `${written.join('')}\0`
}

function message(kind: string, body: string): Buffer {
  const bytes = Buffer.from(`${kind}....${body}`)
  bytes.writeInt32BE(bytes.length - 1, 1)
  return bytes
}

/** A Redis that answers each command with what `answer` says, else `OK`. */
export function redis(answer: (command: string) => string | undefined): Promise<number> {
  return listen(
    createServer(socket => {
      socket.on('data', data => {
        const command = /^\*\d+\r\n\$\d+\r\n(\w+)/.exec(data.toString())?.[1] ?? ''
        socket.write(`${answer(command.toLowerCase()) ?? '+OK'}\r\n`)
      })
    }),
  )
}
