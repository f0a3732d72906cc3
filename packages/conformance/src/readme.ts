import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { API_KEY, SITE_ID, Sink } from './sink.js'

/** A program in a process of its own, and the endpoint it tells. */
export interface RunningProgram {
  url: string
  sink: Sink
  /** Asks it to end with SIGTERM. @returns its exit code, `null` where the signal itself ended it */
  stop(): Promise<number | null>
}

/**
 * Starts the first program of a README as it stands: it listens on `PORT` and is told nothing else.
 * @param folder of the package that it uses
 * @param readme by default the package's own
 */
export async function startReadme(folder: string, readme: string = 'README.md'): Promise<RunningProgram> {
  const [, program] = /```js\n(.*?)```/s.exec(readFileSync(join(folder, readme), 'utf8')) ?? []
  if (program === undefined) throw new Error(`There is no program in the README of ${folder}`)
  mkdirSync(join(folder, 'artifacts'), { recursive: true })
  // Inside the package, which a program may import by its own name.
  const file = join(folder, 'artifacts/readme.mjs')
  writeFileSync(file, program)
  return startProgram(file)
}

/** In a test: starts a program that serves HTTP, with its events going to a sink. */
export async function startProgram(file: string, env: NodeJS.ProcessEnv = {}): Promise<RunningProgram> {
  const sink = await Sink.open()
  const child = fork(file, {
    execArgv: ['--import', pathToFileURL(join(import.meta.dirname, 'announce.js')).href],
    env: {
      ...process.env,
      PORT: '0',
      JUSTANALYTICS_API_KEY: API_KEY,
      JUSTANALYTICS_SITE_ID: SITE_ID,
      JUSTANALYTICS_ENDPOINT: sink.url,
      ...env,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'exit') as Promise<[number | null]>
  const [url] = await Promise.race([
    once(child, 'message') as Promise<[string]>,
    exit.then(([code]) => Promise.reject(new Error(`${file} ended with ${code} before it listened`))),
  ])
  return {
    url,
    sink,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await exit
      await sink.close()
      return code
    },
  }
}
