import { CollectorError } from './errors.js'
import { type Address, isIdentifier, parseAddress } from './store/clickhouse/address.js'
import type { Target } from './webhooks/post.js'

/** What `createCollector` takes; each is a flag of the command line, too. */
export interface CollectorOptions {
  /** Address to listen on. Default `127.0.0.1`; any other than loopback asks for a `token`. */
  host?: string
  /** Default 4100; 0 takes any free port. */
  port?: number
  /** Folder of the embedded store and the keys; made if missing. Default `.justanalytics`. */
  data?: string
  /**
   * `http://user:password@host:8123/database`: a ClickHouse server in place of the embedded store. Database
   * and tables are made if missing. The keys stay in `data`.
   */
  clickhouse?: string
  /** A cluster that the server of `clickhouse` belongs to: the tables are spread over all its servers. */
  cluster?: string
  /** The `site_id` that `key` may write; without `key`, the site the first key is made for. */
  site?: string
  /** An accepted API key beside those in the data folder. Needs `site`. */
  key?: string
  /** How long events are kept: a number of days or hours (`30d`, `12h`). Default `30d`. */
  retention?: string
  /** What the page and the read endpoints ask for. Default none, which only loopback allows. */
  token?: string
  /**
   * Where a trouble's beginning and end and a new or regressed error group are posted, as JSON:
   * `https://…`. Needs `webhookSecret`.
   */
  webhook?: string
  /** What each post is signed with, 16 characters at least. */
  webhookSecret?: string
  /** Lets `webhook` be `http:` and on a private address, as a pager in the same network is. Default `false`. */
  webhookAllowPrivate?: boolean
}

/** Options checked, with defaults in place. */
export interface Settings {
  readonly host: string
  readonly port: number
  readonly data: string
  readonly clickhouse: Address | undefined
  readonly cluster: string | undefined
  readonly site: string | undefined
  readonly key: string | undefined
  readonly retentionSeconds: number
  readonly token: string | undefined
  readonly webhook: Target | undefined
}

export const DEFAULTS: Required<Pick<CollectorOptions, 'host' | 'port' | 'data' | 'retention'>> = {
  host: '127.0.0.1',
  port: 4100,
  data: '.justanalytics',
  retention: '30d',
}

/** In the order the help lists them; any other name is a wrong option. */
export const OPTION_NAMES: readonly (keyof CollectorOptions)[] = [
  'host',
  'port',
  'data',
  'clickhouse',
  'cluster',
  'site',
  'key',
  'retention',
  'token',
  'webhook',
  'webhookSecret',
  'webhookAllowPrivate',
]

const DAY = 86_400
const LONGEST_RETENTION = 3650 * DAY

function wrong(name: string, expected: string, given: unknown, secret = false): CollectorError {
  const shown = secret && typeof given === 'string' ? `${given.length} characters` : show(given)
  return new CollectorError(`Expected \`${name}\` to be ${expected}, got ${shown}.`)
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}

/** A visible, printable line: what can stand in a header, a file and a shell without surprises. */
function line(name: string, value: unknown, expected: string, most: number, secret = false): string {
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value) || value.length > most)
    throw wrong(name, `${expected} of 1 to ${most} visible ASCII characters`, value, secret)
  return value
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

function retention(value: unknown): number {
  const match = typeof value === 'string' ? /^(\d{1,6})([dh])$/.exec(value) : null
  const seconds = match ? Number(match[1]) * (match[2] === 'd' ? DAY : 3600) : 0
  if (seconds < 3600 || seconds > LONGEST_RETENTION)
    throw wrong('retention', 'a number of days or hours from "1h" to "3650d"', value)
  return seconds
}

/** @throws {CollectorError} in one sentence that names the option, what was expected and what was given. */
export function readOptions(options: CollectorOptions): Settings {
  if (typeof options !== 'object' || options === null) throw wrong('options', 'an object', options)
  for (const name of Object.keys(options)) {
    if (!(OPTION_NAMES as readonly string[]).includes(name))
      throw wrong(name, `left out (known options: ${OPTION_NAMES.join(', ')})`, Reflect.get(options, name))
  }
  const { host = DEFAULTS.host, port = DEFAULTS.port, data = DEFAULTS.data } = options
  if (typeof host !== 'string' || !/^[\w.:[\]-]+$/.test(host))
    throw wrong('host', 'a host name or an address', host)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw wrong('port', 'a whole number from 0 to 65535', port)
  if (typeof data !== 'string' || data === '' || data.includes('\0')) throw wrong('data', 'a folder', data)
  const clickhouse = options.clickhouse === undefined ? undefined : readClickHouse(options.clickhouse)
  const cluster = readCluster(options.cluster)
  if (cluster !== undefined && clickhouse === undefined)
    throw wrong('clickhouse', 'given beside `cluster`', clickhouse)
  const site = options.site === undefined ? undefined : readSite(options.site)
  const key = options.key === undefined ? undefined : line('key', options.key, 'an API key', 500, true)
  if (key !== undefined && site === undefined) throw wrong('site', 'given beside `key`', site)
  const token = options.token === undefined ? undefined : line('token', options.token, 'a secret', 500, true)
  if (token === undefined && !isLoopback(host))
    throw wrong('token', `set where \`host\` is not loopback (${host})`, token)
  const retentionSeconds = retention(options.retention === undefined ? DEFAULTS.retention : options.retention)
  return Object.freeze({
    host,
    port,
    data,
    clickhouse,
    cluster,
    site,
    key,
    retentionSeconds,
    token,
    webhook: readWebhook(options),
  })
}

function readWebhook({
  webhook,
  webhookSecret,
  webhookAllowPrivate: allow,
}: CollectorOptions): Target | undefined {
  if (allow !== undefined && typeof allow !== 'boolean')
    throw wrong('webhookAllowPrivate', 'true or false', allow)
  if (webhook === undefined) {
    if (webhookSecret !== undefined) throw wrong('webhook', 'given beside `webhookSecret`', webhook)
    return undefined
  }
  const protocols = allow ? '`https:` or `http:`' : '`https:` (or `http:` with `webhookAllowPrivate`)'
  const url = typeof webhook === 'string' && URL.canParse(webhook) ? new URL(webhook) : undefined
  if (!url || !(url.protocol === 'https:' || (allow && url.protocol === 'http:')))
    throw wrong('webhook', `an address with ${protocols}`, webhook, true)
  const secret = line('webhookSecret', webhookSecret, 'a secret', 500, true)
  if (secret.length < 16) throw wrong('webhookSecret', 'at least 16 characters', secret, true)
  return { url, secret, allowPrivate: allow === true }
}

/** @throws {CollectorError} */
export function readClickHouse(value: unknown, name = 'clickhouse'): Address {
  const address = parseAddress(value)
  if (!address) throw wrong(name, '`http://user:password@host:8123/database`', value, true)
  return address
}

/** @throws {CollectorError} */
export function readCluster(value: unknown): string | undefined {
  if (value === undefined || isIdentifier(value)) return value
  throw wrong('cluster', 'a name of letters, digits and _', value)
}

/** @throws {CollectorError} */
export function readSite(value: unknown): string {
  return line('site', value, 'a site id', 100)
}
