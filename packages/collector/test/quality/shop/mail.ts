import assert from 'node:assert'
import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { missing, other } from './data.js'

declare const MAIL_HOST: string

async function template(n: number): Promise<string> {
  return await readFile(`/nowhere/templates/${n}.html`, 'utf8')
}

/** The same kind of fault at another place. */
async function signature(n: number): Promise<string> {
  return (await readFile(`/nowhere/signatures/${n}.txt`)).toString()
}

function host(): string {
  return MAIL_HOST
}

/** A fault that has no frame of the application's own. */
function connect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    createConnection(port, '127.0.0.1', resolve).once('error', reject)
  })
}

function check(n: number): void {
  assert.strictEqual(n, -1, `mail ${n} was sent twice`)
}

function inflate(text: string): string {
  return gunzipSync(Buffer.from(text)).toString()
}

function address(text: string): URL {
  return new URL(text)
}

function decode(text: string): string {
  return decodeURIComponent(text)
}

function date(n: number): string {
  return new Date(Number.NaN * n).toISOString()
}

function zone(n: number): string {
  return new Intl.DateTimeFormat('en', { timeZone: `Nowhere/${n}` }).format(0)
}

function size(n: bigint): bigint {
  return n + other<bigint>(1)
}

function print(n: number): string {
  const mail: Record<string, unknown> = { n }
  mail.reply = { to: mail }
  return JSON.stringify(mail)
}

function clone(n: number): unknown {
  return structuredClone({ n, send: () => n })
}

function send(n: number): never {
  throw `mail ${n} was not sent`
}

function resend(n: number): never {
  throw { mail: n, reason: 'bounced' }
}

function later(n: number): Promise<void> {
  return new Promise((_, reject) => {
    setImmediate(() => reject(new Error(`mail ${n} is late`)))
  })
}

function race(n: number): Promise<unknown> {
  return Promise.any([Promise.reject(new Error(`server ${n} is down`)), later(n)])
}

async function all(list: { render(): string }[]): Promise<string[]> {
  return Promise.all(list.map(async mail => mail.render()))
}

export const mailFaults = {
  template,
  signature,
  host,
  connect: () => connect(1),
  twice: check,
  inflate: (n: number) => inflate(`mail ${n}`),
  address: (n: number) => address(`no address ${n}`),
  decode: (n: number) => decode(`%E0%A4%${n}%`),
  date,
  zone,
  size: (n: number) => size(BigInt(n)),
  print,
  clone,
  send,
  resend,
  later,
  race,
  all: () => all([missing()]),
}
