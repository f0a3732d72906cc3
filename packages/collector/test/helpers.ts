import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const SITE = 'site_1'
export const KEY = 'test-key'

type Json = Record<string, unknown>
export type Body = NonNullable<RequestInit['body']>

/** A folder that goes with the test, or with the file where `cleanup` is its `afterAll`. */
export function temporaryFolder(cleanup: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'collector-test-'))
  cleanup(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function makeEvent(properties: Json = {}, more: Json = {}): Json & { event_id: string } {
  return {
    site_id: SITE,
    event: 'pageview',
    event_id: randomUUID(),
    timestamp: new Date().toISOString(),
    properties: {
      path: '/users/42',
      method: 'GET',
      status_code: 200,
      duration_ms: 3.21,
      user_id: null,
      referrer: null,
      user_agent: null,
      outcome: 'ok',
      request_id: randomUUID(),
      ...properties,
    },
    ...more,
  } as Json & { event_id: string }
}

/** A row of the table of events, with as little in it as it can have; `timestamp` in UTC, as the store writes it. */
export function storedRow(event_id: string, event: string, columns: object, timestamp: string): string {
  return JSON.stringify({
    site: SITE,
    event_id,
    event,
    timestamp,
    received_at: timestamp,
    weight: 1,
    raw: '{}',
    ...columns,
  })
}

export interface Answer {
  status: number
  headers: Headers
  body: Json
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

export function post(url: string, body: Body, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(`${url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body,
  })
}

export function send(url: string, events: unknown, key: string = KEY): Promise<Answer> {
  return post(url, JSON.stringify(events), { authorization: `Bearer ${key}` })
}

/** Every stored event that the query names, over all pages of the list. */
export async function stored(url: string, query = ''): Promise<(Json & { event_id: string })[]> {
  const items: (Json & { event_id: string })[] = []
  let next: unknown = ''
  while (next !== undefined) {
    const { body } = await ask(`${url}/api/v1/events?limit=1000&cursor=${next}&${query}`)
    items.push(...(body.items as typeof items))
    next = body.next
  }
  return items
}

/** Waits until the check holds; the test's own timeout is the limit. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise(resolve => setTimeout(resolve, 20))
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface Cli {
  child: ChildProcess
  /** What it has written so far. */
  out(): string
  err(): string
  /** Resolves with the exit status, or the signal that ended it. */
  ended: Promise<number | string>
  /** Resolves with the address once it listens. */
  listening(): Promise<string>
}

/** The command line as a process of its own, from the sources. */
export function runCli(args: string[], env: NodeJS.ProcessEnv = {}, nodeArgs: string[] = []): Cli {
  const { NODE_OPTIONS: _, ...inherited } = process.env
  const child = spawn(process.execPath, [...nodeArgs, '--import', 'tsx', join(ROOT, 'src/cli.ts'), ...args], {
    cwd: ROOT,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', text => (out += text))
  child.stderr?.setEncoding('utf8').on('data', text => (err += text))
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  let isOver = false
  void ended.then(() => (isOver = true))
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    async listening() {
      const address = () => /listens on (http:\S+[^,\s])/.exec(out)?.[1]
      await until(() => address() !== undefined || isOver)
      const url = address()
      if (url === undefined) throw new Error(`the collector did not start: ${err}`)
      return url
    },
  }
}
