/** Where a ClickHouse is and as whom it is asked. The password stands here and nowhere else. */
export interface Address {
  /** `http://host:8123`, without user and password. */
  readonly origin: string
  readonly username: string
  readonly password: string
  readonly database: string
}

const DATABASE = 'justanalytics'
const IDENTIFIER = /^[A-Za-z_]\w{0,62}$/

/** @returns undefined for what is not `http(s)://[user[:password]@]host[:port][/database]` */
export function parseAddress(text: unknown): Address | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const database = url.pathname.replace(/^\/|\/$/g, '') || DATABASE
  if (!/^https?:$/.test(url.protocol) || !IDENTIFIER.test(database) || url.search || url.hash)
    return undefined
  try {
    const [username, password] = [url.username, url.password].map(decodeURIComponent) as [string, string]
    // Without a port it is ClickHouse's own, not the web's.
    if (url.port === '') url.port = url.protocol === 'https:' ? '8443' : '8123'
    return { origin: url.origin, username: username || 'default', password, database }
  } catch {
    return undefined
  }
}

export function isIdentifier(text: unknown): text is string {
  return typeof text === 'string' && IDENTIFIER.test(text)
}
