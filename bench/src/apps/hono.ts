import type { Server } from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { listen } from './listen.js'
import { ANSWER, type Running } from './running.js'

export type App = Hono<{ Bindings: HttpBindings }>

/** Serves the one route with Hono on Node; `extend` is where a reporter goes in, and may return what ends it. */
export async function serveHono(extend?: (app: App) => (() => unknown) | undefined): Promise<Running> {
  const app: App = new Hono()
  const end = extend?.(app)
  app.get('/users/:id', context => context.json(ANSWER))
  return listen(createAdaptorServer(app) as Server, end)
}
