import { isbot } from 'isbot'

/** Who asked, as far as a user agent tells. */
export interface Agent {
  bot: boolean
  /** The browser's usual name; '' for what is none. */
  browser: string
}

/** Others bear the names of those they descend from: the first that fits counts. */
const BROWSERS: readonly (readonly [name: string, sign: RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\b(?:OPR|Opera)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS|Chromium)\//],
  ['Safari', /\bVersion\/[\d.]+ .*\bSafari\//],
]

/** A site sees few agents, and each many times. */
const REMEMBERED = 2000
const known = new Map<string, Agent>()
const NOBODY: Agent = { bot: false, browser: '' }

export function readAgent(userAgent: string): Agent {
  if (userAgent === '') return NOBODY
  const seen = known.get(userAgent)
  if (seen) return seen
  const bot = isbot(userAgent)
  const browser = bot ? '' : (BROWSERS.find(([, sign]) => sign.test(userAgent))?.[0] ?? '')
  if (known.size === REMEMBERED) known.clear()
  const agent = { bot, browser }
  known.set(userAgent, agent)
  return agent
}
