const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/VERSION Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/VERSION Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:VERSION) Gecko/20100101 Firefox/VERSION',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/VERSION Mobile Safari/537.36',
] as const

/** A thousand different pages, opened by three hundred different browsers, every other one from a link. */
const REQUESTS: readonly Buffer[] = Array.from({ length: 1000 }, (_, i) => {
  const person = i % 300
  const browser = (BROWSERS[person % BROWSERS.length] ?? '').replaceAll('VERSION', `${120 + person}.0`)
  return Buffer.from(
    [
      `GET /users/${1000 + i * 7} HTTP/1.1`,
      'Host: shop.example',
      'Connection: keep-alive',
      `User-Agent: ${browser}`,
      'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'Accept-Language: en-GB,en;q=0.5',
      'Accept-Encoding: gzip, deflate, br',
      ...(i % 2 ? ['Referer: https://shop.example/users'] : []),
      'Sec-Fetch-Dest: document',
      'Sec-Fetch-Mode: navigate',
      'Sec-Fetch-Site: same-origin',
      '\r\n',
    ].join('\r\n'),
  )
})
let turn = 0

/** The next of them, again and again. */
export function nextRequest(): Buffer {
  turn = (turn + 1) % REQUESTS.length
  return REQUESTS[turn] as Buffer
}
