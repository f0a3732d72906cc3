import type { Header } from './facts.js'

/**
 * The country that a page was opened from, where a proxy before the application tells it. Where several do, the
 * outer one counts: what is behind it sees the address of another proxy.
 */
export function countryOf(header: Header): string | undefined {
  const code =
    header('cf-ipcountry') ??
    header('cloudfront-viewer-country') ??
    header('x-vercel-ip-country') ??
    header('x-appengine-country')
  // Cloudflare's XX and App Engine's ZZ are unknown; Cloudflare's T1 is Tor.
  return code !== undefined && /^(?!XX|ZZ)[A-Z]{2}$/.test(code) ? code : undefined
}
