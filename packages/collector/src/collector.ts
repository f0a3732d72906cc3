import { randomBytes } from 'node:crypto'
import type { Server, ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { CollectorError } from './errors.js'
import { createBudget } from './ingest/budget.js'
import { createGatherer } from './ingest/gather.js'
import { createKey, listKeys, openKeyring } from './ingest/keys.js'
import { createHub } from './live/hub.js'
import { type CollectorOptions, readOptions, type Settings } from './options.js'
import { createApp } from './server.js'
import { openEmbeddedStore } from './store/chdb.js'
import { openClickHouseStore } from './store/clickhouse/store.js'
import { lockFolder } from './store/lock.js'
import type { Store } from './store/store.js'
import { startWebhooks } from './webhooks/webhooks.js'

/** What requests may hold in memory while the store is slower than the senders. */
const HELD_BYTES = 64 * 1024 * 1024
/** What a connection may take, in milliseconds and bytes. */
const LIMITS: ServerOptions = {
  /** Address and headers together. */
  maxHeaderSize: 16 * 1024,
  /** Headers, and bodies, that dawdle for longer are cut off. */
  headersTimeout: 5000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  /** Longer than the senders' pauses, so that they reuse their connection. */
  keepAliveTimeout: 60_000,
}
/** On close, requests under way have this long. */
const CLOSE_TIMEOUT_MS = 5000

/** A site and the key made for it. The key is not kept: whoever starts the collector must. */
export interface CreatedKey {
  siteId: string
  apiKey: string
}

export interface Collector {
  /** `http://127.0.0.1:4100`, without a slash at its end. */
  readonly url: string
  /** Set when the data folder had no key and none was given. */
  readonly created?: CreatedKey
  /** Stops listening, answers what is under way, stores what was gathered. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a collector: the endpoint, its embedded store and the page, in this process. One process
 * holds one data folder at a time. With `clickhouse`, the store is a server's and any number of
 * collectors can share it.
 * @throws {CollectorError} for a wrong option, a folder or a port in use, a missing engine, or a
 * ClickHouse that cannot be worked with
 */
export async function createCollector(options: CollectorOptions = {}): Promise<Collector> {
  const settings = readOptions(options)
  const data = resolve(settings.data)
  const cleanup: (() => void | Promise<void>)[] = []
  const undo = async () => {
    for (const step of cleanup.reverse()) await step()
    cleanup.length = 0
  }
  try {
    const store = await openStore(data, settings, release => cleanup.push(release))
    cleanup.push(() => store.close())
    const { site, key } = settings
    const keys = openKeyring(data, site !== undefined && key !== undefined ? { site, key } : undefined)
    cleanup.push(() => keys.close())
    const hub = createHub()
    const gatherer = createGatherer(store, stored => hub.stored(stored))
    cleanup.push(() => gatherer.close())
    if (settings.webhook) {
      const webhooks = startWebhooks(store, settings.webhook)
      cleanup.push(() => webhooks.close())
    }
    const app = createApp({ settings, store, keys, budget: createBudget(HELD_BYTES), gatherer, hub })
    const server = createAdaptorServer({ fetch: app.fetch, serverOptions: LIMITS }) as Server
    const url = await listen(server, settings)
    cleanup.push(async () => {
      hub.close()
      await stop(server, () => gatherer.close())
    })
    // The key is shown once: one of a start that fails would be shown to nobody.
    const created = firstKey(data, settings)
    let closing: Promise<void> | undefined
    return {
      url,
      ...(created ? { created } : {}),
      close: () => {
        closing ??= undo()
        return closing
      },
    }
  } catch (error) {
    await undo()
    throw error
  }
}

/** Only a folder that has the events in it is this process's own: keys may be shared. */
async function openStore(
  data: string,
  { clickhouse, cluster, retentionSeconds }: Settings,
  onLocked: (release: () => void) => void,
): Promise<Store> {
  if (clickhouse) return openClickHouseStore({ address: clickhouse, cluster, retentionSeconds })
  onLocked(lockFolder(data))
  return openEmbeddedStore(data, retentionSeconds)
}

/** The first start makes a key, so that there is something to send with. */
function firstKey(data: string, { site, key }: Settings): CreatedKey | undefined {
  if (key !== undefined) return undefined
  const known = listKeys(data)
  if (site === undefined ? known.length > 0 : known.some(each => each.site === site)) return undefined
  const siteId = site ?? `site_${randomBytes(5).toString('hex')}`
  return { siteId, apiKey: createKey(data, siteId).key }
}

function listen(server: Server, { host, port }: Settings): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reasons: Record<string, string> = {
        EADDRINUSE: `Port ${port} of ${host} is in use: stop what listens there, or choose another with \`--port\`.`,
        EACCES: `Port ${port} of ${host} needs more rights: choose one above 1023 with \`--port\`.`,
        EADDRNOTAVAIL: `The address ${host} is none of this machine's: choose another with \`--host\`.`,
        ENOTFOUND: `The host ${host} is not known: choose another with \`--host\`.`,
      }
      const reason = reasons[error.code ?? ''] ?? `Cannot listen on ${host}:${port} (${error.message}).`
      reject(new CollectorError(reason, { cause: error }))
    })
    server.listen(port, host.replace(/^\[|\]$/g, ''), () => {
      const { address, family, port: taken } = server.address() as AddressInfo
      const wildcard = address === '0.0.0.0' || address === '::'
      const name = wildcard ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
      resolve(`http://${name}:${taken}`)
    })
  })
}

/** Ends when every request under way is answered, or its time is up. */
async function stop(server: Server, flush: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  // What is still being read joins the gathered rows; those need no more waiting from here on.
  await flush()
  // A connection that is kept alive becomes idle only once its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
  await closed
  clearInterval(sweep)
  clearTimeout(timer)
}
