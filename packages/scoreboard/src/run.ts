import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  FaultServer,
  type Received,
  type ReferenceLedger,
  refusedUrl,
  type Script,
} from '@justanalytics/faults/server'
import type { ClientName } from './clients/client.js'
import { marksIn } from './mark.js'
import type { Act, Told } from './plan.js'

/** What one client did under one fault. */
export interface Outcome extends Told {
  /** Marks that the endpoint acknowledged. */
  delivered: ReadonlySet<string>
  copies: ReferenceLedger['copies']
  requests: readonly Received[]
  connections: ReferenceLedger['connections']
  /** Milliseconds from the end of the plan to the end of the process; more than this and it was killed. */
  endedAfter: number
  exit: number | string
  stderr: string
}

export interface Trial {
  /** Without one nobody listens at the address. */
  script?: (since: () => number) => Script
  plan: readonly Act[]
}

/** Nobody waits longer for a process to end by itself, milliseconds. */
const PATIENCE = 60_000

function readMarks(
  request: Received,
  body: Buffer,
): { event: string; event_id: string; properties: object }[] {
  const { headers } = request
  const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  return marksIn(text.toString('latin1')).map(event_id => ({ event: event_id, event_id, properties: {} }))
}

export async function run(client: ClientName | 'bare', { script, plan }: Trial): Promise<Outcome> {
  const begun = performance.now()
  await using server = await FaultServer.open({
    read: readMarks as never,
    ...(script && { script: script(() => performance.now() - begun) }),
  })
  const url = script ? server.url : await refusedUrl()
  const app = join(import.meta.dirname, 'app.js')
  const child = spawn(process.execPath, ['--expose-gc', app, client, url, JSON.stringify(plan)], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  })
  const stderr = collect(child.stderr)
  let doneAt = 0
  const report = collect(child.stdio[3] as NodeJS.ReadableStream, text => {
    if (!doneAt && text.includes('"done":true')) {
      doneAt = performance.now()
      setTimeout(() => child.kill('SIGKILL'), PATIENCE).unref()
    }
  })
  const [code, signal] = await once(child, 'close')
  const last = report().trim().split('\n').at(-1)
  const { ledger } = server
  return {
    ...(JSON.parse(last || '{}') as Told),
    delivered: new Set(ledger.acknowledged),
    copies: ledger.copies,
    requests: ledger.requests,
    connections: ledger.connections,
    endedAfter: doneAt ? performance.now() - doneAt : 0,
    exit: signal ?? code,
    stderr: stderr(),
  }
}

function collect(stream: NodeJS.ReadableStream | null, onText?: (text: string) => void): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    onText?.(text)
  })
  return () => text
}
