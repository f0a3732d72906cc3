import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startRedis } from '../src/run/redis.js'

const root = join(import.meta.dirname, '../../..')
const program = () =>
  execFileSync(process.execPath, [join(root, 'scripts/needs.mjs'), 'redis-server'], {
    encoding: 'utf8',
  }).trim()

/** What it answers to a command; `undefined` where nobody listens. */
function ask(url: string, command: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.setEncoding('utf8').once('data', (answer: string) => {
      socket.destroy()
      resolve(answer)
    })
    socket.once('error', () => resolve(undefined))
  })
}

describe('a Redis of one’s own', { timeout: 180_000 }, () => {
  it('answers until it is stopped, and keeps nothing', async () => {
    const redis = await startRedis(program())
    expect(await ask(redis.url, 'PING')).toBe('+PONG\r\n')
    expect(await ask(redis.url, 'CONFIG GET save')).toContain('$4\r\nsave\r\n$0\r\n')
    expect(await ask(redis.url, 'CONFIG GET appendonly')).toContain('no')
    await redis.stop()
    expect(await ask(redis.url, 'PING')).toBeUndefined()
  })

  it('ends with the process that started it', async () => {
    const code = `
      import { startRedis } from './apps/shop/src/run/redis.ts'
      const { url } = await startRedis(${JSON.stringify(program())})
      process.stdout.write(url, () => process.exit(3))`
    const flags = ['--import', 'tsx', '--input-type=module', '--eval', code]
    const child = spawn(process.execPath, flags, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let url = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      url += text
    })
    expect(await once(child, 'close')).toEqual([3, null])
    expect(url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/)
    // A process that was killed takes a moment to be gone.
    await expect.poll(() => ask(url, 'PING')).toBeUndefined()
  })

  it.each([
    ['is not there', '/nowhere/redis-server', /ENOENT/],
    ['is another one', process.execPath, /does not start/],
  ])('is refused in a sentence where its program %s', async (_, path, reason) => {
    await expect(startRedis(path)).rejects.toThrow(reason)
  })
})
