import { watchProcess } from '../life.js'
import { createFetchTransport } from '../transport/fetch.js'
import type { Platform, Variables } from './platform.js'
import { hmacSha256 } from './sha256.js'

/** What this file may find beside the web's own globals. */
interface Globals {
  readonly Deno?: {
    readonly env: { get(variable: string): string | undefined }
    readonly permissions: { querySync(asked: { name: 'env'; variable: string }): { state: string } }
  }
  readonly navigator?: { readonly userAgent?: string }
  readonly process?: { readonly env?: Variables }
}

const { Deno, navigator, process }: Globals = globalThis

const onDemand = navigator?.userAgent === 'Cloudflare-Workers'

// Deno throws, or asks the person at the terminal, for every variable that was not granted.
const granted: Variables = new Proxy(
  {},
  {
    get: (_, variable) =>
      typeof variable === 'string' &&
      Deno?.permissions.querySync({ name: 'env', variable }).state === 'granted'
        ? Deno.env.get(variable)
        : undefined,
  },
)

const variables = (): Variables => (Deno ? granted : (process?.env ?? {}))

/** Bun, Deno, Cloudflare Workers: nothing is imported that only Node has. */
export const platform: Platform = {
  onDemand,
  requestsLast: false,
  variables,
  hostName: () => variables().HOSTNAME,
  debugIdOf: () => undefined,
  hmacSha256,
  createTransport: createFetchTransport,
  // Workers have `process.on`, but no process that ends.
  watchProcess: mortal => (onDemand ? () => {} : watchProcess(mortal)),
  postNow: () => 0,
  openSpool: undefined,
}
