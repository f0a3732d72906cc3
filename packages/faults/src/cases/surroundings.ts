import type { AnalyticsOptions } from '@justanalytics/core'
import type { CertificateOptions } from '../server/index.js'

/** An application in a place where something is unusual. It captures one event, flushes, and ends. */
export interface Surroundings {
  readonly name: string
  /** The endpoint speaks TLS with such a certificate. */
  readonly certificate?: CertificateOptions
  /** Of the application. In values, `PROXY` and `AUTHORITY` stand for a proxy’s address and a certificate’s path. */
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
  readonly options?: AnalyticsOptions
  /** Its endpoint, from the address of the server. */
  readonly url?: (address: string) => string
  readonly act?: string
  readonly delivered: 0 | 1
  /** What it warns of. Default nothing. */
  readonly warning?: RegExp
}

const TRUSTED = { NODE_EXTRA_CA_CERTS: 'AUTHORITY' }
const failed = (code: string): RegExp => new RegExp(`failed \\(${code}\\); events are kept and retried`)
const PROXY_NAMES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'npm_config_proxy'] as const
const byName = (address: string): string => address.replace('127.0.0.1', 'localhost')

export const surroundings: readonly Surroundings[] = [
  { name: 'TLS with a certificate that is trusted', certificate: {}, env: TRUSTED, delivered: 1 },
  {
    name: 'TLS with a certificate that has expired',
    certificate: { expired: true },
    env: TRUSTED,
    delivered: 0,
    warning: failed('CERT_HAS_EXPIRED'),
  },
  {
    name: 'TLS with a certificate for another host',
    certificate: { ip: '127.0.0.9' },
    env: TRUSTED,
    delivered: 0,
    warning: failed('ERR_TLS_CERT_ALTNAME_INVALID'),
  },
  {
    name: 'TLS with a certificate of an authority that nobody knows',
    certificate: {},
    delivered: 0,
    warning: failed('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
  },
  {
    name: 'plain http: on a TLS port',
    certificate: {},
    url: address => address.replace('https:', 'http:'),
    delivered: 0,
    warning: failed('\\w+'),
  },
  {
    name: 'TLS with a certificate that is trusted, in a crash',
    certificate: {},
    env: TRUSTED,
    act: 'throw a string',
    options: { captureUncaught: true },
    delivered: 1,
  },
  {
    name: 'TLS with a certificate that has expired, in a crash',
    certificate: { expired: true },
    env: TRUSTED,
    act: 'throw a string',
    options: { captureUncaught: true },
    delivered: 0,
  },
  ...PROXY_NAMES.map(name => ({
    name: `${name} is not for our connections: the key goes to its endpoint alone`,
    env: { [name]: 'PROXY' },
    delivered: 1 as const,
  })),
  {
    name: 'a proxy in the environment is not for a crash either',
    env: Object.fromEntries(PROXY_NAMES.map(name => [name, 'PROXY'])),
    act: 'throw a string',
    options: { captureUncaught: true },
    delivered: 1,
  },
  {
    name: 'a name that is looked up slowly',
    env: { SLOW_DNS: '300' },
    flags: ['--import', 'SLOW_DNS'],
    url: byName,
    delivered: 1,
  },
  {
    name: 'a name that is not found in time: the attempt ends without it',
    env: { SLOW_DNS: '3000' },
    flags: ['--import', 'SLOW_DNS'],
    url: byName,
    delivered: 0,
    warning: /events are kept and retried/,
  },
  { name: 'NODE_ENV=production', env: { NODE_ENV: 'production' }, delivered: 1 },
  { name: 'frozen intrinsics', flags: ['--frozen-intrinsics'], delivered: 1 },
  { name: 'no __proto__', flags: ['--disable-proto=throw'], delivered: 1 },
  { name: 'no code from strings', flags: ['--disallow-code-generation-from-strings'], delivered: 1 },
  {
    name: 'no WebAssembly: nothing can be sent, and the application lives on',
    flags: ['--jitless'],
    delivered: 0,
    warning: failed('NO_WEBASSEMBLY'),
  },
  { name: 'warnings that throw', flags: ['--throw-deprecation', '--pending-deprecation'], delivered: 1 },
  { name: 'a small heap', flags: ['--max-old-space-size=32'], delivered: 1 },
]
