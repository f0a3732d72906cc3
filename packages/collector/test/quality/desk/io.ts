import { spawn } from 'node:child_process'
import { createDecipheriv, createHash, createPrivateKey, timingSafeEqual } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { EventEmitter, once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { brotliDecompress, createGunzip } from 'node:zlib'
import { request, fetch as undiciFetch } from 'undici'
import { upstream } from './backends.js'
import { type Fault, given } from './given.js'

class UpstreamError extends Error {
  override name = 'UpstreamError'
  readonly status: number

  constructor(url: string, status: number) {
    super(`GET ${url} answered ${status}`)
    this.status = status
  }
}

async function rates(n: number): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:1/rates/${n}`)
  return response.json()
}

async function invoices(n: number): Promise<unknown> {
  const response = await undiciFetch(`http://127.0.0.1:1/invoices/${n}`)
  return response.json()
}

class Billing {
  async fetchPlan(path: string): Promise<unknown> {
    const url = `${await upstream()}${path}`
    const response = await fetch(url)
    if (!response.ok) throw new UpstreamError(url, response.status)
    return await response.json()
  }
}

async function avatar(n: number): Promise<unknown> {
  return await fetch(`${await upstream()}/slow/${n}`, { signal: AbortSignal.timeout(5) })
}

async function cancelled(n: number): Promise<unknown> {
  const controller = new AbortController()
  setImmediate(() => controller.abort())
  return await fetch(`${await upstream()}/slow/${n}`, { signal: controller.signal })
}

async function stamp(n: number): Promise<unknown> {
  const { body } = await request(`${await upstream()}/slow/${n}`, { headersTimeout: 1 })
  return body.json()
}

const hangUp = async (n: number): Promise<void> => {
  const url = `${await upstream()}/hang-up/${n}`
  await new Promise((resolve, reject) => get(url, resolve).on('error', reject))
}

async function mailServer(n: number): Promise<string[]> {
  const resolver = new Resolver({ timeout: 20, tries: 1 })
  resolver.setServers(['127.0.0.1:1'])
  return await resolver.resolve4(`mail-${n}.desk.example`)
}

async function attachment(n: number): Promise<string> {
  let text = ''
  for await (const chunk of createReadStream(`/nowhere/attachments/${n}`)) text += chunk
  return text
}

function archive(): Promise<unknown> {
  return mkdir('/proc/self')
}

const listLogo = (n: number) => readdir(`/proc/version/${n}`)

async function overwrite(): Promise<void> {
  const file = await open('/proc', 'w')
  await file.close()
}

async function settings(): Promise<string> {
  const name = given<string>(undefined)
  return await readFile(name, 'utf8')
}

const decompress = promisify(brotliDecompress)

async function unpack(n: number): Promise<string> {
  return (await decompress(Buffer.from(`no brotli ${n}`))).toString()
}

async function backup(n: number): Promise<void> {
  await pipeline(Readable.from([`no gzip ${n}`]), createGunzip(), new PassThrough())
}

async function cutOff(n: number): Promise<void> {
  const source = new PassThrough()
  setImmediate(() => source.destroy())
  source.write(`${n}`)
  await pipeline(source, new PassThrough().resume())
}

async function append(n: number): Promise<void> {
  const log = new PassThrough()
  log.end('the end')
  log.write(`${n} more`)
  await once(log, 'close')
}

function signature(given: string, n: number): boolean {
  return timingSafeEqual(Buffer.from(given), Buffer.from('x'.repeat(n)))
}

function openSeal(n: number): string {
  const key = createHash('sha256').update(`${n}`).digest()
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.alloc(12, n))
  decipher.setAuthTag(Buffer.alloc(16, n))
  return decipher.update(`secret ${n}`, 'utf8', 'utf8') + decipher.final('utf8')
}

const fingerprint = (n: number): string => createHash(`sha${n}x`).update('').digest('hex')

function signingKey(n: number): unknown {
  return createPrivateKey(`-----BEGIN PRIVATE KEY-----\n${n}\n-----END PRIVATE KEY-----`)
}

function reserve(n: number): Buffer {
  return Buffer.alloc(-n)
}

function readHeader(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at)
}

function money(n: number): string {
  return new Intl.NumberFormat('de', { style: 'currency', currency: `X${n}` }).format(n)
}

function inLanguage(n: number): string {
  return n.toLocaleString(`en_${n}`)
}

function headers(n: number): Headers {
  return new Headers({ [`ticket ${n}`]: 'yes' })
}

async function convert(n: number): Promise<void> {
  await once(spawn(`convert-${n}`, ['in.png', 'out.pdf']), 'exit')
}

function complain(n: number): void {
  new EventEmitter().emit('error', `printer ${n} is on fire`)
}

export const ioFaults: Record<string, Fault> = {
  rates,
  invoices,
  planDown: n => new Billing().fetchPlan(`/status/503/${n}`),
  planGone: n => new Billing().fetchPlan(`/status/404/${n}`),
  planGarbled: n => new Billing().fetchPlan(`/garbled/${n}`),
  avatar,
  cancelled,
  stamp,
  hangUp,
  mailServer,
  attachment,
  archive,
  listLogo,
  overwrite,
  settings,
  unpack,
  backup,
  cutOff,
  append,
  signature: n => signature('short', n),
  openSeal,
  fingerprint,
  signingKey,
  reserve,
  readHeader: n => readHeader(Buffer.alloc(3), n),
  money,
  inLanguage,
  headers,
  convert,
  complain,
}
