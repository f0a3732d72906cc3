import { createServer } from 'node:http'
import Koa from 'koa'
import { ANSWER, listen, type Reporter, type Running } from './running.js'

/** Serves the one route with Koa; `extend` is where a reporter goes in. */
export async function serveKoa(extend?: (app: Koa) => Reporter): Promise<Running> {
  const app = new Koa()
  const reporter = extend?.(app)
  app.use((context, next) => {
    if (!context.path.startsWith('/users/')) return next()
    context.body = ANSWER
    return undefined
  })
  return listen(createServer(app.callback()), reporter)
}
