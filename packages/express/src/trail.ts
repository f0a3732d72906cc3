import { createSlot } from '@justanalytics/core/adapter'
import type { Request } from 'express'
import { join } from './join.js'

/** What `router` says of a function it calls. */
export interface Step {
  readonly req: Request
  /** A route's own layer, or one of its stack: those alone have a `method`, be it `undefined`. */
  readonly layer: { readonly route?: object; readonly method?: string | undefined }
  /** The pattern that matched, without the mounts around it. */
  readonly route?: string | RegExp
  readonly error?: unknown
}

/** The way of each request through the routers, for its route's pattern: `req.baseUrl` holds no patterns. */
export interface Trail {
  follow(step: Step): void
  /** `undefined` where nothing is known of this request's way. */
  of(req: Request): { readonly route: string | undefined } | undefined
}

interface Way {
  /** Where a router that is entered now is mounted. */
  mount: string
  route: string | undefined
  entered: Entered | undefined
}

/** A router that was entered, by the `next` that it puts on a request while it has it. */
interface Entered {
  readonly next: unknown
  /** Around it. */
  readonly mount: string
  readonly before: Entered | undefined
}

// A name that is passed: see the reader in index.ts.
const NEXT = 'next'

export function createTrail(): Trail {
  const ways = createSlot<Way>()

  return {
    follow({ req, layer, route: pattern }) {
      const next = req[NEXT]
      if (next === undefined) return
      const way = ways.ensure(req, setOut)
      const around = mountAround(next, way)
      const whole = join(around, pattern)
      // The layer is the route's own for a callback of its parameters. The request would say as much, more slowly.
      const isRoute = layer.route !== undefined || 'method' in layer
      if (isRoute) way.route = whole
      // A handler that calls a router itself has taken nothing off the path.
      way.mount = isRoute ? around : whole
    },
    of: req => ways.get(req),
  }
}

function setOut(): Way {
  return { mount: '', route: undefined, entered: undefined }
}

/** A router that is entered for the first time is mounted where the way has come to. */
function mountAround(next: unknown, way: Way): string {
  for (let one = way.entered; one; one = one.before) if (one.next === next) return one.mount
  way.entered = { next, mount: way.mount, before: way.entered }
  return way.mount
}
