import { STATUS_CODES } from 'node:http'

/** Of a message no more than this is read. */
const MOST_TEXT = 1000
const LONGEST_TEMPLATE = 300

/** Ports that say which service it was. */
const PORTS =
  '21|22|25|53|80|110|143|389|443|465|587|636|993|995|1433|1521|2181|3306|4222|5432|5672|6379|8123|9000|9042|9092|9200|11211|27017'
const DOMAINS =
  'com|net|org|io|dev|app|cloud|local|internal|svc|test|example|localhost|ai|co|eu|uk|de|fr|nl|us|info|biz|gov|edu'
const UNITS = 'ns|µs|us|ms|s|secs?|seconds?|mins?|minutes?|h|hours?|days?|[kmgt]i?b|bytes?|milliseconds?|%'

/**
 * What varies in a message, the longest shapes first. Every alternative begins at a character that
 * cannot stand inside an earlier attempt of the same one, or is bounded: the time taken is linear.
 */
const VARYING = new RegExp(
  [
    `(?<date>(?<![\\w-])\\d{4}-\\d\\d-\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?(?:Z|[+-]\\d\\d:?\\d\\d)?)?(?![\\w-]))`,
    `(?<url>(?<![\\w+.-])[a-z][a-z0-9+.-]{1,15}:\\/\\/[^\\s"'<>)\\]}]+)`,
    `(?<email>(?<![\\w.+-])[\\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){1,6})`,
    `(?<uuid>(?<![\\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\\w-]))`,
    `(?<text>"[^"]*(?:"|$)|\`[^\`]*(?:\`|$)|“[^”]*(?:”|$)|(?<!\\w)'[^']*')`,
    `(?<lookup>(?<=\\b(?:ENOTFOUND|EAI_AGAIN) )\\S+)`,
    `(?<host>(?<![\\w.:])(?:\\[[0-9a-f:.]{2,45}\\]|::1|::ffff:[\\d.]{7,15}|(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}|\\d{1,3}(?:\\.\\d{1,3}){3}|localhost|(?:[a-z0-9-]{1,63}\\.){1,6}(?:${DOMAINS})|[a-z][\\w.-]{0,63}(?=:(?:${PORTS})(?!\\d)))(?![\\w-])(?::(?<port>\\d{1,5}))?)`,
    `(?<path>(?<![\\w/\\\\.>])(?:[a-z]:|~|\\.{1,2})?(?:[\\\\/][\\w.@%+~=-]+)+[\\\\/]?|(?<![\\w/\\\\.-])[\\w.-]+(?:\\/[\\w.-]+)+\\.\\w{1,5}(?!\\w))`,
    `(?<number>(?<![\\w-])[-+]?\\d+(?:[.,_]\\d+)*(?: ?(?:${UNITS})(?!\\w)|(?![\\w-])))`,
    `(?<word>(?<![\\w-])[\\w-]+)`,
  ].join('|'),
  'gi',
)

/** `P2002`, `E11000`, `ORA-00001`, `TS2304`: they say what went wrong. */
const CODE = /^(?:[A-Z]\d{4,5}|(?:ORA|TS|SQLSTATE|HY|ERR)[-_]?\d{3,5})$/
const BEFORE_STATUS =
  /(?:status(?: code)?|http(?:\/[\d.]{1,3})?|code|returned|responded(?: with)?|answered(?: with)?|replied(?: with)?)[:=\s(]{1,3}$/i
const KNOWN_PORT = new RegExp(`^(?:${PORTS})$`)
const REPEATED = /(<\w+>)(?:(?:[,;] ?| | and | or )\1)+/g

/**
 * What stays the same in a message, its varying parts masked: of its first line, as far as 300 characters.
 * @param code the error's own, which is never masked
 */
export function templateOf(message: string, code = ''): string {
  const text = message.slice(0, MOST_TEXT)
  const line = text.split('\n').find(each => each.trim() !== '') ?? ''
  const masked = line.trim().replace(VARYING, (match, ...more) => {
    const groups = more.at(-1) as Record<string, string | undefined>
    const whole = more.at(-2) as string
    const at = more.at(-3) as number
    if (match === code) return match
    if (groups.word !== undefined) return maskWord(match)
    if (groups.number !== undefined) return isStatus(match, whole, at) ? match : '<n>'
    if (groups.host !== undefined || groups.lookup !== undefined)
      return KNOWN_PORT.test(groups.port ?? '') ? `<host>:${groups.port}` : '<host>'
    return `<${Object.keys(groups).find(name => groups[name] !== undefined)}>`
  })
  return masked.replace(REPEATED, '$1').slice(0, LONGEST_TEMPLATE)
}

/** The port of a well-known service that a message names; '' without one. */
export function portOf(message: string): string {
  const port = /:(\d{2,5})(?!\d)/.exec(message.slice(0, MOST_TEXT))?.[1] ?? ''
  return KNOWN_PORT.test(port) ? port : ''
}

/** A status is told by the words before it, or by its own phrase behind it: `404 Not Found`. */
function isStatus(number: string, text: string, at: number): boolean {
  if (!/^[1-5]\d\d$/.test(number)) return false
  const phrase = STATUS_CODES[number]
  if (phrase !== undefined && text.startsWith(` ${phrase}`, at + number.length)) return true
  return BEFORE_STATUS.test(text.slice(Math.max(0, at - 24), at))
}

function maskWord(word: string): string {
  if (!/\d/.test(word) || CODE.test(word)) return word
  const [, letters, rest = ''] = /^([a-z]+[_-]?|)(.*)$/i.exec(word) ?? []
  if (/^\d+$/.test(rest)) return `${letters}<n>`
  return letters && /[_-]$/.test(letters) ? `${letters}<id>` : '<id>'
}
