import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { atExit } from './at-exit.js'

/** What the demo and the checks have to know of an example application. */
export interface AppManifest {
  name: string
  /** The folder that the command runs in. */
  folder: string
  /** How it is started: a program and its arguments. It prints its address once it listens, a worker that it waits for jobs. */
  command: readonly [string, ...string[]]
  /** Programs from outside npm without which it cannot run. */
  needs: readonly string[]
}

/** Where an application sends its events, and as what. */
export interface AppSettings {
  endpoint: string
  siteId: string
  apiKey: string
  release: string
  environment: string
  /** Where its jobs go; without it there are none. */
  redis?: string | undefined
}

/** One running process. */
export interface Running {
  name: string
  release: string
  /** Sends SIGTERM and resolves with the exit code, `null` if the process had to be killed. */
  stop(): Promise<number | null>
  /** All that it has printed. */
  output(): string
}

/** One that serves. */
export interface RunningApp extends Running {
  /** `http://127.0.0.1:…` */
  url: string
}

const START_TIMEOUT = 30_000
const STOP_TIMEOUT = 15_000

/** Starts an application on a free port and resolves once it listens. */
export async function startApp(manifest: AppManifest, settings: AppSettings): Promise<RunningApp> {
  const { line, ...running } = await start(manifest, settings, /http:\/\/127\.0\.0\.1:\d+/)
  return { ...running, url: line }
}

/** Starts a worker and resolves once it waits for jobs. */
export async function startWorker(manifest: AppManifest, settings: AppSettings): Promise<Running> {
  const { line: _, ...running } = await start(manifest, settings, /waits for jobs/)
  return running
}

/** @param ready what it prints once it is up */
async function start(
  manifest: AppManifest,
  settings: AppSettings,
  ready: RegExp,
): Promise<Running & { line: string }> {
  const [program, ...args] = manifest.command
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: manifest.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: '0',
      REDIS_URL: settings.redis ?? '',
      SHOP_RELEASE: settings.release,
      JUSTANALYTICS_ENDPOINT: settings.endpoint,
      JUSTANALYTICS_SITE_ID: settings.siteId,
      JUSTANALYTICS_API_KEY: settings.apiKey,
      JUSTANALYTICS_RELEASE: settings.release,
      JUSTANALYTICS_ENVIRONMENT: settings.environment,
      JUSTANALYTICS_SERVICE: manifest.name,
    },
  })
  const printed = listen(child)
  const exited = once(child, 'exit') as Promise<[number | null]>
  child.once(
    'exit',
    atExit(() => child.kill('SIGKILL')),
  )
  let line: string
  try {
    line = await printed.found(manifest.name, ready)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    name: manifest.name,
    release: settings.release,
    line,
    output: printed.output,
    async stop() {
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const [code] = await exited
      clearTimeout(killer)
      return code
    },
  }
}

/** Gathers what a process prints, and finds in it that it is up. */
function listen(child: ChildProcess): {
  output(): string
  found(name: string, ready: RegExp): Promise<string>
} {
  let text = ''
  const added = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const told of added) told()
    })
  return {
    output: () => text,
    found: (name, ready) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) =>
          reject(new Error(`${name} ${why}:\n${text.trim() || '(it printed nothing)'}`))
        const timer = setTimeout(() => fail('was not up in time'), START_TIMEOUT)
        const look = () => {
          const found = ready.exec(text)
          if (!found) return
          clearTimeout(timer)
          added.delete(look)
          resolve(found[0])
        }
        added.add(look)
        child.once('error', error => fail(`could not be started (${error.message})`))
        child.once('exit', code => {
          clearTimeout(timer)
          fail(`ended with ${code} before it was up`)
        })
      }),
  }
}
