import { describe, expect, it } from 'vitest'
import { compareServers } from '../src/server-twin.js'

// On a busy machine a process may come too late for its own deadlines; what is wrong is wrong every time.
describe.concurrent.each(['express', 'fastify'] as const)('a server on %s', framework => {
  it.each(['up', 'refused', 'silent', 'sick'] as const)(
    'answers, fails and closes as without the client; the endpoint is %s',
    { retry: 3, timeout: 120_000 },
    async endpoint => expect(await compareServers({ framework, endpoint })).toEqual([]),
  )
})
