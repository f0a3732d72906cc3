import { platform } from '#platform'

const REMEMBERED = 2000

/** Somebody who was seen today. */
export interface Visitor {
  readonly id: string
  /** As it was first sent: a text that is known already is found and compared sooner than one of each request. */
  readonly userAgent: string
}

/** Those behind one address. */
interface Place {
  /** Who came from there last, and mostly comes again. */
  last: Visitor
  readonly visitors: Map<string, Visitor>
}

/**
 * The cookieless visitor id: a hash of address and user agent, keyed by the API key and the UTC day.
 * The same on every instance of a site, another one every day, and only the key's owner could guess it back.
 */
export function createVisitors(apiKey: string): (address: string, userAgent: string, now: number) => Visitor {
  let day = -1
  let dayKey: Uint8Array
  let places = new Map<string, Place>()
  let remembered = 0

  function meet(address: string, userAgent: string, place: Place | undefined): Visitor {
    const id = hex(platform.hmacSha256(dayKey, `${address} ${userAgent}`).subarray(0, 16))
    const visitor = { id, userAgent }
    if (place) place.visitors.set(userAgent, visitor)
    else places.set(address, { last: visitor, visitors: new Map([[userAgent, visitor]]) })
    remembered++
    return visitor
  }

  return (address, userAgent, now) => {
    const today = Math.floor(now / 86_400_000)
    if (today !== day || remembered >= REMEMBERED) {
      places = new Map()
      remembered = 0
      if (today !== day) dayKey = platform.hmacSha256(apiKey, `visitor ${today}`)
      day = today
    }
    const place = places.get(address)
    if (place?.last.userAgent === userAgent) return place.last
    const visitor = place?.visitors.get(userAgent) ?? meet(address, userAgent, place)
    if (place) place.last = visitor
    return visitor
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
