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
  /** By user agent, then by address: no text has to be made to look one up. */
  let ids = new Map<string, Map<string, string>>()
  let remembered = 0
  return (address, userAgent, now) => {
    const today = Math.floor(now / 86_400_000)
    if (today !== day || remembered >= REMEMBERED) {
      ids = new Map()
      remembered = 0
      if (today !== day) dayKey = platform.hmacSha256(apiKey, `visitor ${today}`)
      day = today
    }
    let known = ids.get(userAgent)
    if (!known) {
      known = new Map()
      ids.set(userAgent, known)
    }
    let id = known.get(address)
    if (id === undefined) {
      id = hex(platform.hmacSha256(dayKey, `${address} ${userAgent}`).subarray(0, 16))
      known.set(address, id)
      remembered++
    }
    return id
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
