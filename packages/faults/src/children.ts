import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Stats } from '@justanalytics/core'

/** How a child process is started. */
export interface Start {
  /** A file of `apps/`. */
  readonly app: string
  readonly args: readonly string[]
  /** Flags of Node. */
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Bytes that a file it writes may have. */
  readonly fileLimit?: number
}

/** How it ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** What it wrote of itself to descriptor 3 in its last moment; `undefined` where it had none. */
  readonly last: LastWords | undefined
}

export interface LastWords {
  /** Milliseconds from the moment in which it had nothing left to do. */
  readonly held: number
  /** Milliseconds for which its threads waited for a processor; 0 where that is not known. */
  readonly waited: number
  /** `undefined` without a client. */
  readonly stats?: Stats
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** More of them at work would only make each other late. After so long one mostly waits. */
const AT_ONCE = 3
const WORK_MS = 1500
let working = 0
const waiting: (() => void)[] = []
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a child as soon as not too many others run. */
export async function start({ app, args, flags = [], env = {}, fileLimit }: Start): Promise<Running> {
  while (working >= AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve))
  const program = [
    process.execPath,
    ...flags,
    fileURLToPath(new URL(`../apps/${app}`, import.meta.url)),
    ...args,
  ]
  const [command = '', ...rest] =
    fileLimit === undefined
      ? program
      : ['/bin/bash', '-c', `ulimit -f ${Math.ceil(fileLimit / 1024)}; exec "$@"`, 'bash', ...program]
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...env },
  })
  running.add(child)
  working++
  const letGo = (): void => {
    clearTimeout(timer)
    if (timer) working--
    timer = undefined
    waiting.shift()?.()
  }
  let timer: NodeJS.Timeout | undefined = setTimeout(letGo, WORK_MS)
  const texts = child.stdio.slice(1).map(stream => collect(stream as Readable))
  const ended = new Promise<Ended>(resolve => {
    child.on('close', (code, signal) => {
      running.delete(child)
      letGo()
      const [stdout = '', stderr = '', last = ''] = texts.map(text => text())
      const words = last.trim().split('\n').at(-1)
      resolve({
        code,
        signal,
        stdout,
        stderr,
        last: words ? (JSON.parse(words) as LastWords) : undefined,
      })
    })
  })
  return { child, ended }
}

function collect(stream: Readable): () => string {
  let text = ''
  stream.on('data', chunk => {
    text += chunk
  })
  stream.on('error', () => {})
  return () => text
}

/** So long can the machine keep a process waiting before it is no longer the process that misses its deadlines. */
const PATIENCE_MS = 500

/** Whether it had the machine it needed to be in time. */
export function hadItsTime({ last }: Ended): boolean {
  return (last?.waited ?? 0) < PATIENCE_MS
}
