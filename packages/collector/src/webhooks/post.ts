import { createHmac } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isPrivate, PrivateAddress, publicLookup } from './private.js'

const TIMEOUT_MS = 10_000

/** Where notices go. */
export interface Target {
  url: URL
  secret: string
  allowPrivate: boolean
}

/** `t=1700000000,v1=…`: seconds since the epoch, and HMAC-SHA256 of `t.body` in hexadecimal. */
function sign(secret: string, body: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

/**
 * Posts JSON once and resolves with the status. Redirects are not followed: they could lead anywhere.
 * @throws {PrivateAddress} and what a connection may fail with
 */
export function post(target: Target, id: string, body: string): Promise<number> {
  const { url, secret, allowPrivate } = target
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // An address that is written out is not looked up.
  if (!allowPrivate && isPrivate(host)) return Promise.reject(new PrivateAddress(host))
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = send(url, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(allowPrivate ? {} : { lookup: publicLookup }),
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'justanalytics-collector',
        'X-JustAnalytics-Delivery': id,
        'X-JustAnalytics-Signature': sign(secret, body, Math.floor(Date.now() / 1000)),
      },
    })
    request.on('error', reject)
    request.on('response', response => {
      resolve(response.statusCode ?? 0)
      // Whatever it says is not read.
      response.destroy()
    })
    request.end(body)
  })
}
