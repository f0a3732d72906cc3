import type { Case, Expectation } from '../run.js'
import { answer, drip, fin, type Step } from '../server/index.js'

const list = (rejected: unknown, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ accepted: 0, rejected, ...more })

/** A list that is not obeyed, for it says nothing that could be: the status alone counts. */
const meaningless = (name: string, body: string): Case => ({
  name: `a list of results: ${name} rejects nothing`,
  script: { answer: [[answer(202, { body })]] },
  expect: { delivered: 5, requests: 1, copies: 1 },
})

const obeyed = (name: string, body: string, lost: number, reason = /rejected an event/): Case => ({
  name: `a list of results: ${name}`,
  script: { answer: [[answer(202, { body })]] },
  expect: { delivered: 5 - lost, dropped: { rejected: lost }, requests: 1, copies: 1, warnings: [reason] },
})

const late = (name: string, steps: readonly Step[], expect: Partial<Expectation> = {}): Case => ({
  name: `a list of results ${name}: the status alone counts`,
  script: { answer: [steps] },
  options: { requestTimeout: 800 },
  expect: { delivered: 5, requests: 1, copies: 1, ...expect },
})

const TWO = list([{ index: 1, reason: 'too odd' }])

/** Acknowledgements that take exception to some events. */
export const results: readonly Case[] = [
  obeyed('one event', TWO, 1, /too odd/),
  obeyed('all of them, for one reason', list([0, 1, 2, 3, 4].map(index => ({ index, reason: 'no' }))), 5),
  obeyed(
    'the same one twice',
    list([
      { index: 1, reason: 'a' },
      { index: 1, reason: 'a' },
    ]),
    1,
  ),
  obeyed('without a reason', list([{ index: 2 }]), 1),
  obeyed('a reason that is an object', list([{ index: 2, reason: { a: 1 } }]), 1),
  obeyed('a reason without an end', list([{ index: 2, reason: 'x'.repeat(30_000) }]), 1, /^.{0,400}$/),
  obeyed('a reason of several lines', list([{ index: 2, reason: 'one\r\n[other] two' }]), 1),
  obeyed('a reason that quotes the key', list([{ index: 2, reason: 'key-that-must-not-show' }]), 1),
  obeyed('some that are none among the rest', list([null, 7, 'x', { index: 3, reason: 'no' }]), 1),
  obeyed(
    'its places out of order',
    list([
      { index: 4, reason: 'a' },
      { index: 0, reason: 'a' },
    ]),
    2,
  ),
  meaningless('an empty list', list([])),
  meaningless(
    'a place that does not exist',
    list([
      { index: 99, reason: 'no' },
      { index: -1, reason: 'no' },
    ]),
  ),
  meaningless('a place that is no whole number', list([{ index: 1.5 }, { index: '1' }, { index: null }, {}])),
  meaningless('no list', list('all of it')),
  meaningless('an object for a list', list({ 0: { index: 0 } })),
  meaningless('null', 'null'),
  meaningless('a bare number', '5'),
  meaningless('a bare list', '[{"index":0,"reason":"no"}]'),
  meaningless('text', 'OK, thank you'),
  meaningless('half of it', TWO.slice(0, -3)),
  meaningless('an empty body', ''),
  meaningless('too much of it', list([{ index: 0, reason: 'x'.repeat(70_000) }])),
  {
    name: 'a list of results counts whatever the content type',
    script: { answer: [[answer(202, { headers: { 'Content-Type': 'text/plain' }, body: TWO })]] },
    expect: { delivered: 4, dropped: { rejected: 1 }, warnings: [/too odd/] },
  },
  {
    name: 'a list of results in chunks is obeyed',
    script: {
      answer: [
        [
          'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
          `9\r\n${TWO.slice(0, 9)}\r\n`,
          `${(TWO.length - 9).toString(16)}\r\n${TWO.slice(9)}\r\n0\r\n\r\n`,
        ],
      ],
    },
    expect: { delivered: 4, dropped: { rejected: 1 }, warnings: [/too odd/] },
  },
  late('that is cut off', [answer(202, { headers: { 'Content-Length': '999' }, body: TWO }), fin]),
  late('that drips beyond the deadline', [
    `HTTP/1.1 202 Accepted\r\nContent-Length: ${TWO.length}\r\n\r\n`,
    drip(TWO, 100),
  ]),
  late('that never comes', ['HTTP/1.1 202 Accepted\r\nContent-Length: 50\r\n\r\n']),
]
