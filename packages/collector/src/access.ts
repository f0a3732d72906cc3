import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { Refusal } from './errors.js'
import { isLoopback, type Settings } from './options.js'

const COOKIE = 'justanalytics_token'

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** The `Host` header without its port, brackets kept. */
function hostName(header: string): string {
  return header.replace(/:\d*$/, '').toLowerCase()
}

/**
 * Who may read. With a token: whoever has it, as `Authorization: Bearer` or as the cookie that the page
 * sets when it is opened once with `?token=`. Without one: whoever reaches loopback under its own name,
 * so that no web site can read it through a name that it points here (DNS rebinding).
 */
export function guardReading({ token, host }: Settings): MiddlewareHandler {
  const secret = token === undefined ? undefined : sha256(token)
  // The cookie is no use as a bearer token and holds nothing that has to be escaped.
  const cookie = token === undefined ? '' : sha256(`page ${token}`).toString('hex')

  const isToken = (given: string | undefined) =>
    given !== undefined && secret !== undefined && timingSafeEqual(sha256(given), secret)

  return async function guard(c, next) {
    if (secret === undefined) {
      const name = hostName(c.req.header('host') ?? '')
      if (!isLoopback(name) && !name.endsWith('.localhost') && name !== host.toLowerCase())
        throw new Refusal(
          403,
          `The page is open to loopback only, and ${JSON.stringify(name)} is another name: start the collector with \`--token\` to serve it there.`,
        )
      return next()
    }
    const given = c.req.query('token')
    if (c.req.path === '/' && isToken(given)) {
      setCookie(c, COOKIE, cookie, {
        path: '',
        httpOnly: true,
        sameSite: 'Strict',
        secure: c.req.header('x-forwarded-proto') === 'https',
        maxAge: 30 * 86_400,
      })
      // The address bar, the history and a link that is passed on must not hold the token.
      const search = new URL(c.req.url).searchParams
      search.delete('token')
      return c.redirect(`./${search.size > 0 ? `?${search}` : ''}`, 303)
    }
    const bearer = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
    const baked = getCookie(c, COOKIE)
    const isBaked = baked !== undefined && timingSafeEqual(sha256(baked), sha256(cookie))
    if (!isToken(bearer) && !isBaked)
      throw new Refusal(
        401,
        'Expected the collector’s token: open the page once as `/?token=…`, or send `Authorization: Bearer`.',
        { 'WWW-Authenticate': 'Bearer' },
      )
    return next()
  }
}

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const

/** Headers of every answer. */
export function secureHeaders(): MiddlewareHandler {
  return async function secure(c, next) {
    await next()
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value)
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
  }
}
