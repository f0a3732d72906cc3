import { platform } from '#platform'
import type { Logger } from './log.js'
import type { AnalyticsOptions } from './options.js'
import type { Variables } from './platform/platform.js'
import { callback, checkNames, flag, quote, type Rule, read, text, whole, wrongOption } from './rules.js'

/** A client's options after checking: complete and frozen. */
export interface Settings {
  /** `undefined`: the client is disabled. */
  readonly apiKey: string | undefined
  /** `undefined`: the client is disabled. */
  readonly siteId: string | undefined
  readonly endpoint: string
  readonly release: string | undefined
  readonly environment: string
  readonly service: string | undefined
  readonly flushAt: number
  readonly flushInterval: number
  readonly maxQueueSize: number
  readonly maxQueueBytes: number
  readonly requestTimeout: number
  readonly maxRetries: number
  readonly spool: string | undefined
  readonly compress: boolean
  readonly beforeSend: AnalyticsOptions['beforeSend']
  readonly redact: readonly string[]
  readonly sampleRate: number
  readonly captureUncaught: boolean
  readonly allowInsecure: boolean
  readonly onDrop: AnalyticsOptions['onDrop']
  readonly logger: Logger | undefined
}

/** setTimeout takes no more. */
const LONGEST_MS = 2 ** 31 - 1

/** Commit variables that hosts and build services set, the host's own before a build service's. */
const COMMIT_VARIABLES = [
  'RENDER_GIT_COMMIT',
  'RAILWAY_GIT_COMMIT_SHA',
  'VERCEL_GIT_COMMIT_SHA',
  'HEROKU_SLUG_COMMIT',
  'HEROKU_BUILD_COMMIT',
  'KOYEB_GIT_SHA',
  'ZEABUR_GIT_COMMIT_SHA',
  'CF_PAGES_COMMIT_SHA',
  'WORKERS_CI_COMMIT_SHA',
  'COMMIT_REF',
  'SOURCE_VERSION',
  'AWS_COMMIT_ID',
  'CODEBUILD_RESOLVED_SOURCE_VERSION',
  'GITHUB_SHA',
  'CI_COMMIT_SHA',
  'CIRCLE_SHA1',
  'BITBUCKET_COMMIT',
] as const

/** Every option in one place: what it may be, where else it is read from, what it is otherwise. */
const RULES: Record<keyof AnalyticsOptions, Rule> = {
  apiKey: {
    expected: 'a string of visible ASCII characters',
    // It travels in a header.
    valid: value => typeof value === 'string' && /^[\x21-\x7e]*$/.test(value),
    env: ['JUSTANALYTICS_API_KEY'],
    secret: true,
  },
  siteId: {
    expected: 'a string of at most 200 characters',
    valid: value => typeof value === 'string' && value.length <= 200,
    env: ['JUSTANALYTICS_SITE_ID'],
  },
  endpoint: {
    expected: 'an absolute https: or http: URL without user name and password',
    valid: isEndpoint,
    fallback: 'https://api.justanalytics.app/v1/events',
    env: ['JUSTANALYTICS_ENDPOINT'],
  },
  release: {
    expected: 'a non-empty string',
    valid: text,
    env: ['JUSTANALYTICS_RELEASE', ...COMMIT_VARIABLES],
  },
  environment: {
    expected: 'a non-empty string',
    valid: text,
    fallback: 'production',
    env: ['JUSTANALYTICS_ENVIRONMENT', 'NODE_ENV'],
  },
  service: { expected: 'a non-empty string', valid: text, env: ['JUSTANALYTICS_SERVICE'] },
  flushAt: { expected: 'a whole number from 1 to 500', valid: whole(1, 500), fallback: 100 },
  flushInterval: {
    expected: 'a whole number of milliseconds from 1 on',
    valid: whole(1, LONGEST_MS),
    fallback: 2000,
  },
  maxQueueSize: {
    expected: 'a whole number of events from 1 on',
    valid: whole(1, Number.MAX_SAFE_INTEGER),
    fallback: 5000,
  },
  maxQueueBytes: {
    expected: 'a whole number of bytes from 1 on',
    valid: whole(1, Number.MAX_SAFE_INTEGER),
    fallback: 4 * 1024 * 1024,
  },
  requestTimeout: {
    expected: 'a whole number of milliseconds from 1 on',
    valid: whole(1, LONGEST_MS),
    fallback: 2000,
  },
  maxRetries: {
    expected: 'a whole number from 0 on',
    valid: value => value === Number.POSITIVE_INFINITY || whole(0, Number.MAX_SAFE_INTEGER)(value),
    fallback: Number.POSITIVE_INFINITY,
  },
  spool: { expected: 'the path of a folder', valid: text },
  compress: { expected: 'true or false', valid: flag, fallback: true },
  beforeSend: { expected: 'a function', valid: callback },
  redact: {
    expected: 'an array of non-empty strings',
    valid: value => Array.isArray(value) && value.every(text),
    fallback: [],
  },
  sampleRate: {
    expected: 'a number from 0 to 1',
    valid: value => typeof value === 'number' && value >= 0 && value <= 1,
    fallback: 1,
  },
  captureUncaught: { expected: 'true or false', valid: flag, fallback: false },
  allowInsecure: { expected: 'true or false', valid: flag, fallback: false },
  onDrop: { expected: 'a function', valid: callback },
  logger: {
    expected: 'an object with a `warn(line)` method',
    valid: value => typeof (value as { warn?: unknown } | null)?.warn === 'function',
  },
}

/** All of a client's options. */
export const OPTION_NAMES: readonly string[] = Object.keys(RULES)

/**
 * Options and environment → frozen settings.
 * @throws {JustAnalyticsError} for a wrong value and for a name that is no option.
 */
export function resolveSettings(
  options: AnalyticsOptions = {},
  env: Variables = platform.variables(),
): Settings {
  checkNames(options, OPTION_NAMES)
  const settings: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries(RULES)) {
    settings[name] = read(name, rule, options[name as keyof AnalyticsOptions], env)
  }
  const { endpoint, allowInsecure } = settings as { endpoint: string; allowInsecure: boolean }
  const url = new URL(endpoint)
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowInsecure) {
    throw wrongOption(
      'endpoint',
      'an https: URL (the key would travel in the clear; `allowInsecure: true` permits it)',
      quote(endpoint),
    )
  }
  return Object.freeze(settings) as unknown as Settings
}

function isEndpoint(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const url = new URL(value)
  return (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  )
}
