import { createServer } from 'node:http'
import Koa from 'koa'
import { listen } from './listen.js'
import { ANSWER, type Running } from './running.js'

/** Serves the one route with Koa; `extend` is where a reporter goes in, and may return what ends it. */
export async function serveKoa(extend?: (app: Koa) => (() => unknown) | undefined): Promise<Running> {
  const app = new Koa()
  const end = extend?.(app)
  app.use((context, next) => {
    if (!context.path.startsWith('/users/')) return next()
    context.body = ANSWER
    return undefined
  })
  return listen(createServer(app.callback()), end)
}
