import { createServer } from 'node:http'
import express, { type Express } from 'express'
import { ANSWER, listen, type Reporter, type Running } from './running.js'

/** Serves the one route with Express; `extend` is where a reporter goes in. */
export async function serveExpress(extend?: (app: Express) => Reporter): Promise<Running> {
  const app = express()
  const reporter = extend?.(app)
  app.get('/users/:id', (_request, response) => {
    response.json(ANSWER)
  })
  return listen(createServer(app), reporter)
}
