import { pick, type Random, whole } from './random.js'

export interface Visitor {
  /** Where the request comes from, as the proxy in front of the shop would say. */
  address: string
  userAgent: string
  /** A program: no browser's headers, and nobody who opens a page. */
  bot: boolean
  /** Who signs in with it; `null` for a visitor without an account. */
  email: string | null
}

const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
]

const BOTS = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'UptimeRobot/2.0',
]

/** How many people come, again and again. */
const PEOPLE = 400

/** One of the shop's people; every third has an account. */
export function person(random: Random): Visitor {
  const number = whole(random, 1, PEOPLE)
  return {
    address: `198.51.100.${number % 250}`,
    userAgent: BROWSERS[number % BROWSERS.length] as string,
    bot: false,
    email: number % 3 === 0 ? `visitor${number}@${number % 60 === 0 ? 'localhost' : 'example.com'}` : null,
  }
}

export function bot(random: Random): Visitor {
  return {
    address: `203.0.113.${whole(random, 1, 20)}`,
    userAgent: pick(random, BOTS),
    bot: true,
    email: null,
  }
}
