import type { Context } from 'hono'

/**
 * The full pattern of the route that matched, also where a middleware before it answered in its place.
 * Hono matches middlewares and handlers alike, so that a request without a route has matched something too.
 */
export function routeOf(c: Context): string | undefined {
  // Deprecated since 4.8, but what replaces it is not there before.
  const matched = c.req.matchedRoutes.slice(c.req.routeIndex)
  const handler = matched.find(({ handler, method, path }) => {
    // `use`, `all` and `mount` register for all methods. A middleware takes `next`.
    return handler.length < 2 || (method !== 'ALL' && !path.endsWith('*'))
  })
  return (handler ?? (answeredByItself(c) ? matched[0] : undefined))?.path
}

/** Whether nothing but middlewares matched, and the last of them, such as a mounted application, had an answer. */
function answeredByItself(c: Context): boolean {
  const { routeIndex, matchedRoutes } = c.req
  const { path } = matchedRoutes[routeIndex] ?? {}
  if (path === '/*' || path === '*' || !c.finalized) return false
  return c.res.status < 400 || c.res.status >= 500
}
