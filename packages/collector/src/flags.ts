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
  --help, --version

Each flag has an environment variable: --retention is ${ENVIRONMENT}RETENTION.
Secrets are better given that way: other users of a machine can see a command line.
Keys can be made and revoked while a collector runs on the same --data folder.`

/** What stands on the command line, as text. */
export type Values = { [name in keyof CollectorOptions]?: string } & { help?: boolean; version?: boolean }

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
  for (const name of OPTION_NAMES) options[name] = { type: 'string' }
  try {
    return parseArgs({ args, options, allowPositionals: true }) as CommandLine
  } catch (error) {
    // Node adds advice about positional arguments in further sentences.
    const [problem] = (error as Error).message.split(/\.\s|\n/)
    throw new CollectorError(`${problem?.replace(/\.$/, '')} (see --help).`)
  }
}

/** A flag goes before its environment variable; an empty variable counts as not set. */
export function readFlags(values: Values, environment: NodeJS.ProcessEnv): CollectorOptions {
  const texts: Record<string, string> = {}
  for (const name of OPTION_NAMES) {
    const text = values[name] ?? (environment[ENVIRONMENT + name.toUpperCase()] || undefined)
    if (text !== undefined) texts[name] = text
  }
  const { port, ...options } = texts
  if (port === undefined) return options
  if (!/^\d{1,5}$/.test(port))
    throw new CollectorError(
      `Expected \`port\` to be a whole number from 0 to 65535, got ${JSON.stringify(port)}.`,
    )
  return { ...options, port: Number(port) }
}

export function version(): string {
  return createRequire(import.meta.url)('../package.json').version
}
