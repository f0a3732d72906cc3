import type { Case } from '../run.js'
import { accept, answer } from '../server/index.js'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** The three forms of a date that HTTP knows. */
const DATES: Readonly<Record<string, (date: Date) => string>> = {
  'IMF-fixdate': date => date.toUTCString(),
  'RFC 850': date => {
    const [, day, month, year, time] = date.toUTCString().split(' ')
    return `${DAYS[date.getUTCDay()]}, ${day}-${month}-${year?.slice(2)} ${time} GMT`
  },
  asctime: date => {
    const [name, day, month, year, time] = date.toUTCString().split(' ')
    return `${name?.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`
  },
}

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000)

/** An answer that asks to wait, made at the moment it is given. */
const asks = (status: number, value: () => string) => () => [
  answer(status, { headers: { 'Retry-After': value() } }),
]

/** A wait that is longer than `flush` has time: it says so at once. */
const honoured = (name: string, value: () => string, status = 503, patience = 20_000): Case => ({
  name: `Retry-After: ${name} is waited for`,
  script: { answer: [asks(status, value), accept] },
  patience,
  expect: { delivered: 0, requests: 1, within: 5000 },
})

/** No wait that one could honour: the sender's own. */
const ignored = (name: string, value: string): Case => ({
  name: `Retry-After: ${name} says nothing`,
  script: { answer: [asks(503, () => value), accept] },
  patience: 20_000,
  expect: { delivered: 5, requests: 2, apart: 250 },
})

/** A wait below the least there is. */
const raised = (name: string, value: () => string): Case => ({
  name: `Retry-After: ${name} is a second`,
  script: { answer: [asks(503, value), accept] },
  expect: { delivered: 5, requests: 2, apart: 1000 },
})

/** Retry-After in every form. */
export const retryAfter: readonly Case[] = [
  ...[402, 408, 425, 429, 500, 502, 503].map(status => honoured(`60 with ${status}`, () => '60', status)),
  honoured('a fraction of seconds', () => '30.5'),
  honoured('60 between spaces', () => '  60  '),
  ...Object.entries(DATES).map(([form, print]) => honoured(`a date as ${form}`, () => print(inSeconds(60)))),
  honoured('a year, for five minutes at least', () => String(365 * 86_400), 503, 290_000),
  honoured('a date in a hundred years', () => DATES['IMF-fixdate']?.(inSeconds(3e9)) ?? '', 503, 290_000),
  honoured('a number beyond all numbers', () => '9'.repeat(400), 503, 290_000),
  raised('0', () => '0'),
  raised('half a second', () => '0.5'),
  raised('a date that has passed', () => inSeconds(-3600).toUTCString()),
  ignored('nothing', ''),
  ignored('a word', 'soon'),
  ignored('a negative number', '-60'),
  ignored('a number and a unit', '60s'),
  ignored('a list', '60, 120'),
  ignored('hexadecimal', '0x3c'),
  ignored('an exponent', '6e1'),
  {
    name: 'Retry-After twice: the first counts',
    script: {
      answer: [['HTTP/1.1 503 No\r\nRetry-After: 60\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n']],
    },
    patience: 20_000,
    expect: { delivered: 0, requests: 1, within: 5000 },
  },
  {
    name: 'Retry-After with a 2xx is nothing to wait for',
    script: { answer: [[answer(202, { headers: { 'Retry-After': '60' } })]] },
    expect: { delivered: 5, requests: 1 },
  },
]
