import { one, type RequestHeaders } from './facts.js'

/**
 * The country that a page was opened from, where a proxy before the application tells it. Where several do, the
 * outer one counts: what is behind it sees the address of another proxy.
 */
export function countryOf(headers: RequestHeaders): string | undefined {
  const code =
    one(headers['cf-ipcountry']) ??
    one(headers['cloudfront-viewer-country']) ??
    one(headers['x-vercel-ip-country']) ??
    one(headers['x-appengine-country'])
  // Cloudflare's XX and App Engine's ZZ are unknown; Cloudflare's T1 is Tor.
  return code !== undefined && /^(?!XX|ZZ)[A-Z]{2}$/.test(code) ? code : undefined
}
