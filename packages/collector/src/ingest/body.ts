import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Refusal } from '../errors.js'
import type { Share } from './budget.js'

const MIB = 1024 * 1024

/** Bytes that a body may have, as it is sent and unpacked. */
export interface BodyLimits {
  wire: number
  unpacked: number
}

const EVENTS: BodyLimits = { wire: MIB, unpacked: 8 * MIB }
/** Bodies unpacked at one time; the others wait in their packed form. */
const UNPACKING = 2

const inflate = promisify(gunzip)

/** At most `most` tasks at one time, the others in the order they came. */
function createQueue(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async task => {
    if (running === most) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

const unpacking = createQueue(UNPACKING)

/** Reads no further than the limit; what a client sends beyond it stays on the wire. */
async function readWire(incoming: IncomingMessage, share: Share, most: number): Promise<Buffer> {
  const tooLarge = () => new Refusal(413, `Expected a body of at most ${most / MIB} MiB on the wire.`)
  if (Number(incoming.headers['content-length']) > most) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Leaving the loop must not destroy the socket that the refusal is yet to be written to.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > most) throw tooLarge()
      share.take(chunk.length)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(400, 'The body broke off before its end.')
  }
  return Buffer.concat(chunks)
}

function checkHeaders(incoming: IncomingMessage): { gzip: boolean } {
  const type = incoming.headers['content-type']
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type.trim()))
    throw new Refusal(415, 'Expected `Content-Type: application/json`.')
  const encoding = (incoming.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  const gzip = encoding === 'gzip' || encoding === 'x-gzip'
  if (!gzip && encoding !== 'identity' && encoding !== '')
    throw new Refusal(415, 'Expected `Content-Encoding` to be gzip or identity.', {
      'Accept-Encoding': 'gzip, identity',
    })
  return { gzip }
}

async function unpack(packed: Buffer, most: number): Promise<Buffer> {
  try {
    return await unpacking(() => inflate(packed, { maxOutputLength: most }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new Refusal(413, `Expected a body of at most ${most / MIB} MiB unpacked.`)
    throw new Refusal(400, 'The body is not whole gzip data.')
  }
}

/**
 * A request's JSON body, read within the wire's limits.
 * @throws {Refusal} 400, 413, 415, and what the share says
 */
export async function readJson(
  incoming: IncomingMessage,
  share: Share,
  limits: BodyLimits = EVENTS,
): Promise<unknown> {
  const { gzip } = checkHeaders(incoming)
  const wire = await readWire(incoming, share, limits.wire)
  let bytes = wire
  if (gzip) {
    bytes = await unpack(wire, limits.unpacked)
    share.take(bytes.length)
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Refusal(400, 'The body is not JSON in UTF-8.')
  }
}
