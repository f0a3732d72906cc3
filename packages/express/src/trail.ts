import { createSlot } from '@justanalytics/core/adapter'
import type { Request } from 'express'
import { join } from './join.js'

/** What `router` says of a function it calls. */
export interface Step {
  readonly req: Request
  readonly layer: { readonly route?: object }
  /** The pattern that matched, without the mounts around it. */
  readonly route?: string | RegExp
  readonly error?: unknown
}

/** The way of each request through the routers, for its route's pattern: `req.baseUrl` holds no patterns. */
export interface Trail {
  follow(step: Step): void
  /** Whether this request's way is known at all. */
  isOn(req: Request): boolean
  route(req: Request): string | undefined
}

interface Way {
  /** Where a router that is entered now is mounted. */
  mount: string
  route: string | undefined
  /** The routers entered, by the `next` that each puts on a request while it has it, and the mounts around them. */
  readonly routers: unknown[]
  readonly mounts: string[]
}

export function createTrail(): Trail {
  const ways = createSlot<Way>()

  function wayOf(req: Request): Way {
    let way = ways.get(req)
    if (!way) {
      way = { mount: '', route: undefined, routers: [], mounts: [] }
      ways.set(req, way)
    }
    return way
  }

  return {
    follow({ req, layer, route: pattern }) {
      const router = req.next
      if (router === undefined) return
      const way = wayOf(req)
      const around = mountAround(router, way)
      const whole = join(around, pattern)
      // The layer is the route's own for a callback of its parameters, else one of its stack.
      const { route } = req
      const isRoute = route !== undefined && (layer.route === route || route.stack.includes(layer))
      if (isRoute) way.route = whole
      // A handler that calls a router itself has taken nothing off the path.
      way.mount = isRoute ? around : whole
    },
    isOn: req => ways.get(req) !== undefined,
    route: req => ways.get(req)?.route,
  }
}

/** A router that is entered for the first time is mounted where the way has come to. */
function mountAround(router: unknown, { routers, mounts, mount }: Way): string {
  const at = routers.indexOf(router)
  if (at !== -1) return mounts[at] as string
  routers.push(router)
  mounts.push(mount)
  return mount
}
