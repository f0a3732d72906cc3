import { createRequire } from 'node:module'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { CollectorError } from './errors.js'
import { type CollectorOptions, DEFAULTS, OPTION_NAMES } from './options.js'

const ENVIRONMENT = 'JUSTANALYTICS_COLLECTOR_'

export const USAGE: string = `Usage: justanalytics-collector [flags]
       justanalytics-collector keys create --site NAME
       justanalytics-collector keys list
       justanalytics-collector keys revoke ID
       justanalytics-collector move --to http://USER:PASSWORD@HOST:8123/DATABASE [--cluster NAME] [--data FOLDER]
       justanalytics-collector sourcemaps upload FOLDER --release NAME [--url ADDRESS] [--key KEY]

Receives events on POST /v1/events, stores them in a folder and shows them on its page.

  --host ADDRESS      where to listen (${DEFAULTS.host}); off loopback a --token is required
  --port NUMBER       (${DEFAULTS.port}); 0 takes any free one
  --data FOLDER       events and keys (${DEFAULTS.data})
  --clickhouse http://USER:PASSWORD@HOST:8123/DATABASE
                      keep the events on a ClickHouse server instead; the keys stay in the folder
  --cluster NAME      spread them over all servers of a cluster that this server knows
  --site NAME, --key KEY
                      one accepted pair, beside the keys in the folder; the first start without
                      a key makes a site and its key and prints them
  --retention TIME    how long events are kept, in days or hours (${DEFAULTS.retention})
  --token SECRET      what the page and the read endpoints ask for
  --webhook https://HOST/PATH, --webhook-secret SECRET
                      where troubles and new errors are posted, and what with they are signed
  --webhook-allow-private
                      let that be http: and on a private address
  --help, --version

Each flag has an environment variable: --retention is ${ENVIRONMENT}RETENTION.
Secrets are better given that way: other users of a machine can see a command line.
Keys can be made and revoked while a collector runs on the same --data folder.`

/** What stands on the command line, as text. */
export type Values = { readonly [flag: string]: string | boolean | undefined }

export interface CommandLine {
  values: Values
  positionals: string[]
}

/** @throws {CollectorError} */
export function readCommandLine(args: string[]): CommandLine {
  const options: NonNullable<ParseArgsConfig['options']> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  }
  for (const name of OPTION_NAMES) options[flagOf(name)] = { type: SWITCHES.has(name) ? 'boolean' : 'string' }
  try {
    return parseArgs({ args, options, allowPositionals: true }) as CommandLine
  } catch (error) {
    // Node adds advice about positional arguments in further sentences.
    const [problem] = (error as Error).message.split(/\.\s|\n/)
    throw new CollectorError(`${problem?.replace(/\.$/, '')} (see --help).`)
  }
}

/** Options that are on or off. */
const SWITCHES: ReadonlySet<string> = new Set(['webhookAllowPrivate'])

/** `webhookSecret` is `--webhook-secret`. */
function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

/** A flag goes before its environment variable; an empty variable counts as not set. */
export function readFlags(values: Values, environment: NodeJS.ProcessEnv): CollectorOptions {
  const options: Record<string, unknown> = {}
  for (const name of OPTION_NAMES) {
    const flag = flagOf(name)
    const variable = ENVIRONMENT + flag.replaceAll('-', '_').toUpperCase()
    const value = values[flag] ?? (environment[variable] || undefined)
    if (value !== undefined) options[name] = convert(name, value)
  }
  return options as CollectorOptions
}

/** What is not text comes as text, too. */
function convert(name: string, value: string | boolean): unknown {
  if (SWITCHES.has(name) && typeof value === 'string') {
    if (!/^(1|0|true|false)$/.test(value))
      throw new CollectorError(
        `Expected \`${name}\` to be 1, 0, true or false, got ${JSON.stringify(value)}.`,
      )
    return value === '1' || value === 'true'
  }
  if (name !== 'port') return value
  if (!/^\d{1,5}$/.test(String(value)))
    throw new CollectorError(
      `Expected \`port\` to be a whole number from 0 to 65535, got ${JSON.stringify(value)}.`,
    )
  return Number(value)
}

export function version(): string {
  return createRequire(import.meta.url)('../package.json').version
}
