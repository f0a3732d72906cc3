import type { Context } from 'koa'

/** What @koa/router and koa-mount leave on the context. */
interface Routed {
  /** The pattern of the layer that ran last, prefixes of nested routers included. */
  _matchedRoute?: string | RegExp
  matched?: readonly Layer[]
  /** What koa-mount took off the path, the last time it did. */
  mountPath?: string
}

interface Layer {
  path: string | RegExp
  regexp: RegExp
  /** None for what `router.use` added. */
  methods: readonly string[]
}

/** The full pattern of the route that matched; a middleware of its router may have answered in its place. */
export function routeOf(ctx: Context): string | undefined {
  const { _matchedRoute: ran, matched = [], mountPath } = ctx as Routed
  if (ran === undefined) return undefined
  const layer =
    matched.find(({ path, methods }) => path === ran && methods.length > 0) ??
    matched.findLast(({ methods }) => methods.includes(ctx.method))
  if (!layer) return String(ran)
  const mounts = mountPath === undefined ? '' : mountsAround(layer, mountPath, ctx.originalUrl)
  return mounts && layer.path === '/' ? mounts : mounts + String(layer.path)
}

/** The part of a URL's path before what the pattern matches; it ends with the last mount. */
function mountsAround({ regexp }: Layer, mountPath: string, url: string): string {
  const path = url.split('?', 1)[0] as string
  // That mount was entered and left again.
  if (regexp.test(path)) return ''
  const last = mountPath.replace(/\/$/, '')
  for (let at = path.indexOf(last); at !== -1; at = path.indexOf(last, at + 1)) {
    const end = at + last.length
    if (regexp.test(path.slice(end) || '/')) return path.slice(0, end)
  }
  return ''
}
