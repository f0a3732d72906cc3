import type { Request } from 'express'
import { join } from './join.js'

/** What a router of Express 4, or of Express 5 before router 2.3, is made of. */
interface Layer {
  readonly name: string
  readonly route?: object
  readonly handle: { readonly stack?: readonly Layer[] }
  /** Leaves what it matched in `path` and `params`. */
  match(path: string): boolean
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
}

interface App {
  readonly parent?: App
  readonly _router?: { readonly stack: readonly Layer[] }
  /** Express 4 throws for it. */
  readonly router: { readonly stack: readonly Layer[] }
}

/**
 * The pattern of the route that matched, found by going down the routers once more: there, no mount remembers its
 * own pattern. `undefined` where the way cannot be found again, as into a mounted application that has let its
 * error go.
 */
export function routeFound({ app, route, originalUrl }: Request): string | undefined {
  if (!route) return undefined
  const apps: App[] = []
  for (let one: App | undefined = app as unknown as App; one; one = one.parent) apps.unshift(one)
  return search(stackOf(apps[0]), originalUrl.split('?', 1)[0] as string, route, apps.slice(1))
}

/** @param apps those mounted further in, which only their requests know */
function search(
  layers: readonly Layer[],
  path: string,
  route: Request['route'],
  apps: readonly App[],
): string | undefined {
  for (const layer of layers) {
    if (layer.route === route) return String(route.path)
    const isApp = layer.name === 'mounted_app'
    const inner = isApp ? stackOf(apps[0]) : (layer.handle.stack ?? [])
    const mount = inner.length > 0 ? enter(layer, path) : undefined
    if (!mount) continue
    const found = search(inner, mount.rest, route, isApp ? apps.slice(1) : apps)
    if (found !== undefined) return mount.pattern === undefined ? undefined : join(mount.pattern, found)
  }
  return undefined
}

function stackOf(app: App | undefined): readonly Layer[] {
  return app ? (app._router ?? app.router).stack : []
}

/** What a mount takes off the path, and its pattern, if that can be told. */
function enter(layer: Layer, path: string): { rest: string; pattern: string | undefined } | undefined {
  try {
    if (!layer.match(path)) return undefined
    return { rest: path.slice(layer.path.length) || '/', pattern: patternOf(layer) }
  } catch {
    // Not to be decoded.
    return undefined
  }
}

/** `/v1/acme` where `org` is `acme`: `/v1/:org`. Parameters stand behind what is fixed, if both are the same. */
function patternOf({ path, params }: Layer): string | undefined {
  const left = Object.entries(params).filter(([, value]) => value !== undefined)
  const segments = path.replace(/\/$/, '').split('/').reverse()
  const named = segments.map(segment => {
    const at = left.findIndex(([, value]) => value === decodeURIComponent(segment))
    return at === -1 ? segment : `:${left.splice(at, 1)[0]?.[0]}`
  })
  return left.length === 0 ? named.reverse().join('/') : undefined
}
