import type { Server } from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { ANSWER, listen, type Reporter, type Running } from './running.js'

export type App = Hono<{ Bindings: HttpBindings }>

/** Serves the one route with Hono on Node; `extend` is where a reporter goes in. */
export async function serveHono(extend?: (app: App) => Reporter): Promise<Running> {
  const app: App = new Hono()
  const reporter = extend?.(app)
  app.get('/users/:id', context => context.json(ANSWER))
  return listen(createAdaptorServer(app) as Server, reporter)
}
