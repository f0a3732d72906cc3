import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Finds or installs it, or says in one line what to install. */
const needs = join(import.meta.dirname, '../../../scripts/needs.mjs')

/** A Redis of its own for a test file: a free port, a folder that goes with it, and nothing kept. */
export class Redis {
  readonly port: number
  readonly #path: string
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(path: string, port: number) {
    this.#path = path
    this.port = port
    this.#folder = mkdtempSync(join(tmpdir(), 'justanalytics-redis-'))
  }

  static async start(): Promise<Redis> {
    const path = execFileSync(process.execPath, [needs, 'redis-server'], { encoding: 'utf8' }).trim()
    const redis = new Redis(path, await freePort())
    await redis.up()
    return redis
  }

  /** What BullMQ is to connect to. */
  get connection(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port }
  }

  async up(): Promise<void> {
    const options = { port: this.port, bind: '127.0.0.1', dir: this.#folder, appendonly: 'no', save: '' }
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    const process = spawn(this.#path, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = process
    const lines: string[] = []
    for await (const line of createInterface(process.stdout)) {
      lines.push(line)
      // Behind it stands what `read` would have waited for: nothing is lost by going on.
      if (/ready to accept connections/i.test(line)) {
        process.stdout.resume()
        return
      }
    }
    throw new Error(`Redis did not start:\n${lines.join('\n')}`)
  }

  /** Stops it; what it holds is there again after `up`. */
  async down(): Promise<void> {
    const process = this.#process as ChildProcess
    const gone = once(process, 'exit')
    connect(this.port, '127.0.0.1')
      .on('error', () => {})
      .end('SHUTDOWN SAVE\r\n')
    await gone
  }

  async stop(): Promise<void> {
    const process = this.#process
    if (process && process.exitCode === null && process.signalCode === null) {
      process.kill('SIGKILL')
      await once(process, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
