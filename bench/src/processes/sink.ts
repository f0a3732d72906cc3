/** Takes what is reported. Three addresses: `up` answers 200, `silent` never answers, `down` refuses. */
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { CONTENDERS } from '../contenders.js'
import { answerCalls } from './rpc.js'

export type SinkMode = 'up' | 'silent' | 'down'

/** Bodies are only looked into between slices: the sink shares its core with the load. */
const unread: { url: string; body: Buffer }[] = []
const reported = new Map<string, { ids: Set<string>; count: number }>()

const keep: RequestListener = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.once('end', () => {
    unread.push({ url: request.url ?? '', body: Buffer.concat(chunks) })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
}

function read(): void {
  for (const { url, body } of unread.splice(0)) {
    const contender = CONTENDERS.find(({ name }) => url.startsWith(`/${name}/`))
    if (!contender?.reported) continue
    const isGzip = body[0] === 0x1f && body[1] === 0x8b
    const text = (isGzip ? gunzipSync(body) : body).toString('latin1')
    const tally = reported.get(contender.name) ?? { ids: new Set(), count: 0 }
    reported.set(contender.name, tally)
    for (const [, id] of text.matchAll(contender.reported)) {
      if (id === undefined) tally.count++
      else tally.ids.add(id)
    }
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const silent = createSocketServer(socket => socket.on('error', () => {}).resume())
const down = createSocketServer()
const addresses: Record<SinkMode, string> = {
  up: await listen(createServer({ keepAliveTimeout: 60_000 }, keep)),
  silent: await listen(silent),
  down: await listen(down),
}
down.close()

const verbs = {
  addresses: () => addresses,
  read,
  /** How many requests each contender has reported so far. */
  reported(): Record<string, number> {
    read()
    return Object.fromEntries([...reported].map(([name, { ids, count }]) => [name, ids.size + count]))
  },
}
export type SinkVerbs = typeof verbs
answerCalls(verbs)
