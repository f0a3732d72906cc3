import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { atExit } from './at-exit.js'

/** A Redis of one's own on a free port, which keeps nothing and goes away without a trace. */
export interface OwnRedis {
  /** `redis://127.0.0.1:…` */
  url: string
  stop(): Promise<void>
}

const ATTEMPTS = 3

/** @param program the path of a `redis-server` or `valkey-server` */
export async function startRedis(program: string): Promise<OwnRedis> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return await startOn(program, port)
    } catch (error) {
      // Someone may have taken the port in the meantime.
      if (attempt === ATTEMPTS) throw error
    }
  }
}

async function startOn(program: string, port: number): Promise<OwnRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'justanalytics-redis-'))
  const settings = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no', daemonize: 'no' }
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  // In a group of its own: Ctrl-C in a terminal is for all of a group, and the workers need Redis to end well.
  const child = spawn(program, flags, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = new Promise(resolve => child.once('exit', resolve).once('error', resolve))
  const end = (): void => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  const forget = atExit(end)
  const stop = async () => {
    end()
    await exited
    forget()
  }
  try {
    await isUp(child)
  } catch (error) {
    await stop()
    throw new Error(`${program} does not start: ${(error as Error).message}`)
  }
  return { url: `redis://127.0.0.1:${port}`, stop }
}

/** @throws with what it printed last */
async function isUp(child: ChildProcess): Promise<void> {
  if (!child.pid || !child.stdout) throw (await once(child, 'error'))[0]
  let last = 'it printed nothing'
  for await (const line of createInterface(child.stdout)) {
    if (/ready to accept connections/i.test(line)) {
      child.stdout.resume()
      return
    }
    if (line.trim()) last = line.trim()
  }
  throw new Error(last)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
