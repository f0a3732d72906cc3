import { createServer } from 'node:http'
import express, { type Express } from 'express'
import { listen } from './listen.js'
import { ANSWER, type Running } from './running.js'

/** Serves the one route with Express; `extend` is where a reporter goes in, and may return what ends it. */
export async function serveExpress(extend?: (app: Express) => (() => unknown) | undefined): Promise<Running> {
  const app = express()
  const end = extend?.(app)
  app.get('/users/:id', (_request, response) => {
    response.json(ANSWER)
  })
  return listen(createServer(app), end)
}
