import type { Analytics } from './client.js'
import { OPTION_NAMES } from './config.js'
import type { AdapterOptions, AnalyticsOptions } from './options.js'
import { callback, checkNames, flag, type Rule, read, text, wrongOption } from './rules.js'

/** What an adapter takes beside a client's options, after checking. */
export type AdapterSettings<R> = Pick<
  AdapterOptions<R>,
  'client' | 'user' | 'ignore' | 'api' | 'shouldCapture'
> & {
  readonly visitor: NonNullable<AdapterOptions<R>['visitor']>
  readonly queryParams: NonNullable<AdapterOptions<R>['queryParams']>
}

const MATCHER = 'a path, a prefix that ends in *, a RegExp, a function, or an array of them'

const ADAPTER_RULES: Record<Exclude<keyof AdapterOptions<unknown>, keyof AnalyticsOptions>, Rule> = {
  client: {
    expected: 'a client made by createAnalytics()',
    valid: value => typeof (value as Partial<Analytics> | null)?.captureException === 'function',
  },
  user: { expected: 'a function', valid: callback },
  ignore: { expected: MATCHER, valid: isMatcher },
  api: { expected: MATCHER, valid: isMatcher },
  shouldCapture: { expected: 'a function', valid: callback },
  visitor: {
    expected: 'true, false or a function',
    valid: value => flag(value) || callback(value),
    fallback: true,
  },
  queryParams: {
    expected: 'true, false or an array of names',
    valid: value => flag(value) || (Array.isArray(value) && value.every(text)),
    fallback: true,
  },
}

/**
 * An adapter's options, parted into its own and those of the client it is to make.
 * @throws {JustAnalyticsError} for a wrong value, an unknown name, or a client beside options that make one
 */
export function resolveAdapterSettings<R>(options: AdapterOptions<R>): {
  settings: AdapterSettings<R>
  clientOptions: AnalyticsOptions
} {
  checkNames(options, [...OPTION_NAMES, ...Object.keys(ADAPTER_RULES)])
  const settings: Record<string, unknown> = {}
  const clientOptions: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options)) {
    if (!(name in ADAPTER_RULES)) clientOptions[name] = value
  }
  for (const [name, rule] of Object.entries(ADAPTER_RULES)) {
    settings[name] = read(name, rule, options[name as keyof typeof ADAPTER_RULES], {})
  }
  const [beside] = Object.keys(clientOptions).filter(name => clientOptions[name] !== undefined)
  if (settings.client !== undefined && beside !== undefined) {
    throw wrongOption(beside, 'left out beside `client`, which has settings of its own', 'both')
  }
  return { settings: Object.freeze(settings) as unknown as AdapterSettings<R>, clientOptions }
}

function isMatcher(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(one => !Array.isArray(one) && isMatcher(one))
  return text(value) || value instanceof RegExp || callback(value)
}
