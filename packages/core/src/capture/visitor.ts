import { platform } from '#platform'

const REMEMBERED = 2000

/**
 * The cookieless visitor id: a hash of address and user agent, keyed by the API key and the UTC day.
 * The same on every instance of a site, another one every day, and only the key's owner could guess it back.
 */
export function createVisitorIds(
  apiKey: string,
): (address: string, userAgent: string, now: number) => string {
  let day = -1
  let dayKey: Uint8Array
  let ids = new Map<string, string>()
  return (address, userAgent, now) => {
    const today = Math.floor(now / 86_400_000)
    if (today !== day || ids.size >= REMEMBERED) {
      ids = new Map()
      if (today !== day) dayKey = platform.hmacSha256(apiKey, `visitor ${today}`)
      day = today
    }
    const who = `${address} ${userAgent}`
    let id = ids.get(who)
    if (id === undefined) {
      id = hex(platform.hmacSha256(dayKey, who).subarray(0, 16))
      ids.set(who, id)
    }
    return id
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
