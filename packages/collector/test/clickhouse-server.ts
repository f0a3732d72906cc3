import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { temporaryFolder, until } from './helpers.js'

export const USER = 'analytics'
export const PASSWORD = 'p@ss:w/rd'
/** Several servers on few processors take their time. */
export const PATIENCE = { timeout: 180_000 } as const
/** The name of the cluster that {@link startCluster} makes. */
export const CLUSTER = 'shop'

/** A real ClickHouse on 127.0.0.1, with its folder and its ports. */
export interface ClickHouse {
  readonly httpPort: number
  /** `http://user:password@127.0.0.1:port/database`. */
  url(database: string): string
  /** One statement, as the server's own administrator; resolves with its output as text. */
  ask(sql: string): Promise<string>
  kill(): Promise<void>
  /** Starts it again where it was killed. */
  start(): Promise<void>
}

/** What is to be undone when the file ends, the last first: a hook cannot be given within a hook. */
const cleanups: (() => unknown)[] = []
export const atEnd = (cleanup: () => unknown): void => void cleanups.unshift(cleanup)
afterAll(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

interface Ports {
  http: number
  tcp: number
}

/**
 * Without hedged requests: a server that is asked for nothing and dropped again sees its connection reset,
 * which this one, other than a server's own process, does not outlive.
 */
const USERS = `<clickhouse>
  <profiles><default><use_hedged_requests>0</use_hedged_requests></default></profiles>
  <quotas><default/></quotas>
  <users>
    <default><password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
    <${USER}><password>${PASSWORD}</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></${USER}>
  </users>
</clickhouse>`

/** It listens once asked to, and for as long as a query runs. */
const LISTEN = `SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP;
SELECT sleepEachRow(1) FROM system.numbers FORMAT Null
SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0`

function library(): string {
  const chdb = createRequire(createRequire(import.meta.url).resolve('chdb'))
  const name = `@chdb/lib-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`
  return join(dirname(chdb.resolve(`${name}/package.json`)), 'libchdb.so')
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}

function config({ http, tcp }: Ports, folder: string, clusters: string): string {
  return `<clickhouse>
  <listen_host>127.0.0.1</listen_host><http_port>${http}</http_port><tcp_port>${tcp}</tcp_port>
  <users_config>${folder}/users.xml</users_config>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>8</background_schedule_pool_size>
  <max_server_memory_usage>1500000000</max_server_memory_usage>
  ${clusters}
</clickhouse>`
}

async function launch(ports: Ports, clusters: string): Promise<ClickHouse> {
  const folder = temporaryFolder(atEnd)
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'users.xml'), USERS)
  writeFileSync(join(folder, 'config.xml'), config(ports, folder, clusters))
  let child: ChildProcess | undefined
  let output = ''

  const server: ClickHouse = {
    httpPort: ports.http,
    url: database => `http://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${ports.http}/${database}`,
    async ask(sql) {
      const response = await fetch(`http://127.0.0.1:${ports.http}/`, { method: 'POST', body: sql })
      const text = await response.text()
      if (!response.ok) throw new Error(text)
      return text.trim()
    },
    async kill() {
      if (!child) return
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
      child = undefined
    },
    async start() {
      const { NODE_OPTIONS: _, ...env } = process.env
      const args = [
        'clickhouse',
        `--path=${folder}/data`,
        `--config-file=${folder}/config.xml`,
        `--query=${LISTEN}`,
      ]
      const started = fork(
        fileURLToPath(new URL('clickhouse-process.mjs', import.meta.url)),
        [library(), ...args],
        {
          env,
          execArgv: [],
          stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        },
      )
      child = started
      for (const stream of [started.stdout, started.stderr]) stream?.on('data', text => (output += text))
      await until(async () => {
        if (started.exitCode !== null) throw new Error(`ClickHouse did not start: ${output}`)
        return (await server.ask('SELECT 1').catch(() => '')) === '1'
      })
    },
  }
  atEnd(() => server.kill())
  await server.start()
  return server
}

/** To be called in a `beforeAll`, or where a file begins; it ends with the file. */
export async function startClickHouse(): Promise<ClickHouse> {
  const [http = 0, tcp = 0] = await freePorts(2)
  return launch({ http, tcp }, '')
}

/** Two shards of two replicas each: the first two are the first shard's. */
export async function startCluster(): Promise<[ClickHouse, ClickHouse, ClickHouse, ClickHouse]> {
  const ports = await freePorts(8)
  const nodes = [0, 2, 4, 6].map(i => ({ http: ports[i] ?? 0, tcp: ports[i + 1] ?? 0 }))
  const replica = ({ tcp }: Ports) =>
    `<replica><host>127.0.0.1</host><port>${tcp}</port><user>${USER}</user><password>${PASSWORD}</password></replica>`
  const shards = [nodes.slice(0, 2), nodes.slice(2)].map(
    shard => `<shard>${shard.map(replica).join('')}</shard>`,
  )
  const clusters = `<remote_servers><${CLUSTER}>${shards.join('')}</${CLUSTER}></remote_servers>`
  return (await Promise.all(nodes.map(each => launch(each, clusters)))) as [
    ClickHouse,
    ClickHouse,
    ClickHouse,
    ClickHouse,
  ]
}
