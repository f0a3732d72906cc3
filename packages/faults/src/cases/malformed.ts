import type { Case, Expectation } from '../run.js'
import { accept, answer, endless, fin, type Step, wait } from '../server/index.js'

const FINE = answer(202, { body: '{"accepted":5,"rejected":[]}' })
const OK = 'HTTP/1.1 202 Accepted\r\n'

/** No answer at all: the events are sent again, to an endpoint that has come to its senses. */
const broken = (name: string, steps: readonly Step[], expect: Partial<Expectation> = {}): Case => ({
  name: `${name}: no answer, tried again`,
  script: { answer: [steps, accept] },
  options: { requestTimeout: 800 },
  expect: { delivered: 5, requests: 2, apart: 250, ...expect },
})

/** Broken behind its header: the status counts, and nothing is sent twice. */
const delivered = (name: string, steps: readonly Step[], expect: Partial<Expectation> = {}): Case => ({
  name: `${name}: delivered`,
  script: { answer: [steps, accept] },
  options: { requestTimeout: 800 },
  expect: { delivered: 5, requests: 1, copies: 1, ...expect },
})

/** Answers that are not what HTTP says they should be. */
export const malformed: readonly Case[] = [
  broken('binary garbage', [Buffer.from([0, 255, 13, 10, 7, 13, 10, 13, 10]), fin]),
  broken('another protocol', ['SSH-2.0-OpenSSH_9.6\r\n', fin]),
  broken('the preface of HTTP/2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']),
  broken('a bare body, as in HTTP/0.9', ['<p>Hello', fin]),
  broken('an end without a word', [fin]),
  broken('an empty line and an end', ['\r\n', fin]),
  broken('a status line alone', ['HTTP/1.1 202 Accepted\r\n', fin]),
  broken('half a status line', ['HTTP/1.1 20', fin]),
  broken('a status that is no number', ['HTTP/1.1 2xx OK\r\nContent-Length: 0\r\n\r\n']),
  broken('a status of four digits', ['HTTP/1.1 2020 OK\r\nContent-Length: 0\r\n\r\n']),
  broken('a version that does not exist', ['HTTP/9.7 202 OK\r\nContent-Length: 0\r\n\r\n']),
  broken('a header that is cut', [`${OK}Content-Le`, fin]),
  broken('a header name with a space', [`${OK}Content Length: 0\r\n\r\n`]),
  broken('a header value with a NUL', [`${OK}X: a\0b\r\nContent-Length: 0\r\n\r\n`]),
  broken('a negative length', [`${OK}Content-Length: -1\r\n\r\n`]),
  broken('a length that is no number', [`${OK}Content-Length: many\r\n\r\n`]),
  broken('two lengths', [`${OK}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`]),
  broken('a header of 100 KiB', [`${OK}X: ${'x'.repeat(100 * 1024)}\r\nContent-Length: 0\r\n\r\n`]),
  broken('20,000 headers', [`${OK}${'X: y\r\n'.repeat(20_000)}Content-Length: 0\r\n\r\n`]),
  broken('a header without an end', [`${OK}X: `, endless('x'.repeat(1024))]),
  broken('headers without an end', [OK, endless('X: y\r\n')]),
  broken('empty lines without an end', [endless('\r\n')]),
  delivered('HTTP/1.0 without a length', ['HTTP/1.0 202 Accepted\r\n\r\n{"accepted":5}', fin]),
  delivered('no reason', ['HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n']),
  delivered('no length and no end', [`${OK}\r\n{"accepted":`]),
  delivered('a body shorter than its length', [`${OK}Content-Length: 999\r\n\r\n{}`, fin]),
  delivered('a body longer than its length', [`${OK}Content-Length: 2\r\n\r\n{}{}{}{}`]),
  delivered('another answer behind the answer', [FINE, answer(500)]),
  delivered('garbage behind the answer', [FINE, 'what else\r\n\r\n']),
  delivered('a chunk without a size', [`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n`]),
  delivered('chunks without an end', [`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`, fin]),
  delivered('chunks with extensions and trailers', [
    `${OK}Transfer-Encoding: chunked\r\n\r\n2;a="b"\r\n{}\r\n0\r\nX-Trailer: y\r\n\r\n`,
  ]),
  delivered('a body of 1 MiB', [answer(202, { body: `"${'x'.repeat(1024 * 1024)}"` })]),
  delivered('a body without an end', [
    `${OK}Content-Length: 99999999999\r\n\r\n`,
    endless('x'.repeat(16_384)),
  ]),
  delivered('chunks upon chunks', [
    `${OK}Transfer-Encoding: chunked\r\n\r\n`,
    endless(`400\r\n${'x'.repeat(1024)}\r\n`),
  ]),
  delivered('gzip that is none', [
    answer(202, { headers: { 'Content-Encoding': 'gzip' }, body: 'this is not packed' }),
  ]),
  delivered('an encoding nobody knows', [
    answer(202, { headers: { 'Content-Encoding': 'zoo' }, body: '{}' }),
  ]),
  delivered('a 204 with a body', ['HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}']),
  delivered('no content type', [`${OK}Content-Length: 2\r\n\r\n{}`]),
  delivered('a content type of 10 KiB', [
    `${OK}Content-Type: ${'x'.repeat(10_240)}\r\nContent-Length: 2\r\n\r\n{}`,
  ]),
  delivered('bytes that are no text', [answer(202, { body: '' }), Buffer.from([0xff, 0xfe])]),
  delivered('cookies and instructions for browsers', [
    answer(202, { headers: { 'Set-Cookie': 'a=b', Refresh: '0; url=/', 'Clear-Site-Data': '"*"' } }),
  ]),
  {
    name: 'a page of 1 MiB with a 502: tried again',
    script: {
      answer: [
        [answer(502, { headers: { 'Content-Type': 'text/html' }, body: 'x'.repeat(1024 * 1024) })],
        accept,
      ],
    },
    expect: { delivered: 5, requests: 2, apart: 250 },
  },
  {
    name: 'an answer before the request is whole: its status counts',
    script: { head: [[FINE, wait(50), fin], []] },
    capture: client => {
      for (let mark = 0; mark < 100; mark++) client.capture('large', { mark, text: 'x'.repeat(900) })
    },
    options: { compress: false, flushAt: 500 },
    expect: { delivered: 100, copies: 1 },
  },
]
