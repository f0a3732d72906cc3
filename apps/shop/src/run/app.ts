import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** What the demo and the checks have to know of an example application. */
export interface AppManifest {
  name: string
  /** The folder that the command runs in. */
  folder: string
  /** How it is started: a program and its arguments. It prints its address once it listens. */
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
}

/** One running process of an application. */
export interface RunningApp {
  name: string
  release: string
  /** `http://127.0.0.1:…` */
  url: string
  /** Sends SIGTERM and resolves with the exit code, `null` if the process had to be killed. */
  stop(): Promise<number | null>
  /** All that it has printed. */
  output(): string
}

const START_TIMEOUT = 30_000
const STOP_TIMEOUT = 15_000

/** Starts an application on a free port and resolves once it listens. */
export async function startApp(manifest: AppManifest, settings: AppSettings): Promise<RunningApp> {
  const [program, ...args] = manifest.command
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: manifest.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: '0',
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
  let url: string
  try {
    url = await printed.address(manifest.name)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    name: manifest.name,
    release: settings.release,
    url,
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

/** Gathers what a process prints, and finds the address in it. */
function listen(child: ChildProcess): { output(): string; address(name: string): Promise<string> } {
  let text = ''
  const added = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const told of added) told()
    })
  return {
    output: () => text,
    address: name =>
      new Promise((resolve, reject) => {
        const fail = (why: string) =>
          reject(new Error(`${name} ${why}:\n${text.trim() || '(it printed nothing)'}`))
        const timer = setTimeout(() => fail('did not listen in time'), START_TIMEOUT)
        const look = () => {
          const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)
          if (!found) return
          clearTimeout(timer)
          added.delete(look)
          resolve(found[0])
        }
        added.add(look)
        child.once('error', error => fail(`could not be started (${error.message})`))
        child.once('exit', code => {
          clearTimeout(timer)
          fail(`ended with ${code} before it listened`)
        })
      }),
  }
}
