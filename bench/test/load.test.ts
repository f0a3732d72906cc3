import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ANSWER } from '../src/apps/running.js'
import { CONNECTIONS } from '../src/load/connection.js'
import { pace } from '../src/load/pace.js'
import { saturate } from '../src/load/saturate.js'

const answer = JSON.stringify(ANSWER)
let server: Server

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('at a steady pace', () => {
  it('makes the requests that are due, no more and no fewer', async () => {
    const port = await serve((_request, response) => response.end(answer))
    const { made, answered, p50, p99 } = await pace({ port, milliseconds: 200, rate: 500 })
    expect({ made, answered }).toEqual({ made: 100, answered: 100 })
    expect(p50).toBeGreaterThan(0)
    expect(p99).toBeGreaterThanOrEqual(p50)
  })

  it('counts the time that a request waits for a connection while the server stands still', async () => {
    const STANDSTILL_MS = 300
    let opensAt = 0
    const port = await serve((_request, response) => {
      opensAt ||= performance.now() + STANDSTILL_MS
      setTimeout(() => response.end(answer), Math.max(0, opensAt - performance.now()))
    })
    // Four for each connection, all due while the first answers are outstanding: three of four have to wait.
    const total = CONNECTIONS * 4
    const { answered, p50 } = await pace({ port, milliseconds: 50, rate: total * 20 })
    expect(answered).toBe(total)
    expect(p50).toBeGreaterThan(STANDSTILL_MS - 60)
  })
})

describe('at saturation', () => {
  it('has one request under way on each connection, and tells how many were made and answered', async () => {
    let underWay = 0
    let most = 0
    let served = 0
    const port = await serve((_request, response) => {
      most = Math.max(most, ++underWay)
      served++
      setImmediate(() => {
        underWay--
        response.end(answer)
      })
    })
    const { made, answered } = await saturate({ port, milliseconds: 200 })
    expect(most).toBeLessThanOrEqual(CONNECTIONS)
    expect(made).toBe(served)
    expect(answered).toBe(served)
    expect(served).toBeGreaterThan(CONNECTIONS)
  })

  it('knows the end of an answer that comes in pieces', async () => {
    const port = await serve((_request, response) => {
      response.write(answer.slice(0, 9))
      setTimeout(() => response.end(answer.slice(9)), 5)
    })
    const { made, answered } = await saturate({ port, milliseconds: 50 })
    expect(answered).toBe(made)
    expect(made).toBeGreaterThanOrEqual(CONNECTIONS)
  })
})
