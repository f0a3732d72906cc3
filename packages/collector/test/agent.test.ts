import { describe, expect, it } from 'vitest'
import { readAgent } from '../src/ingest/agent.js'

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0'

describe('who asked', () => {
  it.each([
    ['Chrome', `${MAC} ${BLINK} Safari/537.36`],
    ['Edge', `${MAC} ${BLINK} Safari/537.36 Edg/142.0.0.0`],
    ['Opera', `${MAC} ${BLINK} Safari/537.36 OPR/126.0.0.0`],
    [
      'Samsung Internet',
      'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36',
    ],
    ['Firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'],
    ['Safari', `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`],
    ['', 'Mozilla/5.0 (X11; Linux x86_64) Something/1.0'],
    ['', ''],
  ])('%s is a browser, and no bot', (browser, userAgent) => {
    expect(readAgent(userAgent)).toEqual({ bot: false, browser })
  })

  it.each([
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    `Mozilla/5.0 (Linux; Android 6.0.1) ${BLINK} Mobile Safari/537.36 (compatible; bingbot/2.0)`,
    'curl/8.5.0',
  ])('%s is a bot, and no browser', userAgent => {
    expect(readAgent(userAgent)).toEqual({ bot: true, browser: '' })
  })
})
