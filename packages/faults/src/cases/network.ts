import { type Case, captureMarked, type Expectation } from '../run.js'
import {
  type Act,
  accept,
  answer,
  drip,
  fin,
  reset,
  type Script,
  silence,
  sip,
  stall,
  wait,
} from '../server/index.js'

const OK = 'HTTP/1.1 202 Accepted\r\nContent-Length: 28\r\n\r\n'
const BODY = '{"accepted":5,"rejected":[]}'

const ends: Readonly<Record<string, Act>> = { reset, closed: fin }

/** Where a connection may be cut, and what that means for the events of the request. */
const phases: readonly {
  when: string
  script(end: Act): Script
  expect: Partial<Expectation>
}[] = [
  { when: 'as soon as it is there', script: end => ({ connect: [[end], []] }), expect: { requests: [1, 2] } },
  {
    when: 'behind the header of the request',
    script: end => ({ head: [[end], []] }),
    expect: { requests: 2 },
  },
  { when: 'before the answer', script: end => ({ answer: [[end], accept] }), expect: { requests: 2 } },
  {
    when: 'in the status line',
    script: end => ({ answer: [['HTTP/1', wait(30), end], accept] }),
    expect: { requests: 2 },
  },
  {
    when: 'in the header of the answer',
    script: end => ({ answer: [[OK.slice(0, -8), wait(30), end], accept] }),
    expect: { requests: 2 },
  },
  {
    when: 'in the body of the answer',
    script: end => ({ answer: [[OK, BODY.slice(0, 9), wait(30), end], accept] }),
    expect: { requests: 1, copies: 1 },
  },
  {
    when: 'behind the answer',
    script: end => ({ answer: [[OK, BODY, wait(30), end], accept] }),
    expect: { requests: 1, copies: 1 },
  },
]

const cut: readonly Case[] = phases.flatMap(({ when, script, expect }) =>
  Object.entries(ends).map(([how, end]) => ({
    name: `a connection ${how} ${when}`,
    script: script(end),
    expect: { delivered: 5, ...expect },
  })),
)

/** The connection was fine once: the peer may have given it up just as it was used again. */
const stale: readonly Case[] = Object.entries(ends).map(([how, end]) => ({
  name: `a connection that has served before, ${how} when it is used again`,
  warmUp: 1,
  script: { head: [[end], []] },
  expect: { delivered: 5, requests: 2, within: 5000 },
}))

const quick = { requestTimeout: 800 }

/** What goes wrong below HTTP. */
export const network: readonly Case[] = [
  ...cut,
  ...stale,
  {
    name: 'nobody listens: a warning from the third failure on, everything kept',
    endpoint: 'refused',
    patience: 3500,
    expect: { delivered: 0, warnings: [/failed \(ECONNREFUSED\); events are kept and retried\.$/] },
  },
  {
    name: 'nobody listens, for a moment: nothing is said of it',
    endpoint: 'refused',
    patience: 200,
    expect: { delivered: 0 },
  },
  {
    name: 'an attempt to connect that nobody answers ends after its second',
    endpoint: 'black hole',
    patience: 1800,
    expect: { delivered: 0 },
  },
  {
    name: 'a connection that is accepted late',
    script: { connect: [[wait(300)]] },
    expect: { delivered: 5, requests: 1, copies: 1 },
  },
  {
    name: 'a connection on which nothing is ever said',
    script: { answer: [[silence], accept] },
    options: quick,
    expect: { delivered: 5, requests: 2, apart: 800, connections: 2 },
  },
  {
    name: 'a peer that stops reading',
    script: { connect: [[stall(1500)], []] },
    options: quick,
    expect: { delivered: 5, requests: 1, connections: 2 },
  },
  {
    name: 'a peer that reads a large body in gulps',
    script: { connect: [[sip(20)]] },
    options: { compress: false, flushAt: 500 },
    capture: client => captureMarked(client, 400, { text: 'x'.repeat(900) }),
    expect: { delivered: 400, copies: 1 },
  },
  {
    name: 'a peer that reads too slowly is given up in time',
    script: { connect: [[sip(400)], []] },
    options: { compress: false, flushAt: 500, requestTimeout: 600 },
    capture: client => captureMarked(client, 400, { text: 'x'.repeat(900) }),
    expect: { delivered: 400, connections: [2, 3] },
  },
  {
    name: 'a header that drips holds an attempt no longer than its deadline',
    script: { answer: [[drip(answer(202), 50)], accept] },
    options: quick,
    expect: { delivered: 5, requests: 2, connections: 2 },
  },
  {
    name: 'a body that drips is delivered all the same, at the deadline',
    script: { answer: [[OK, drip(BODY, 500)], accept] },
    options: quick,
    expect: { delivered: 5, requests: 1, copies: 1 },
  },
  {
    name: 'a peer that says it ends and still reads: half open',
    script: { connect: [[fin], []] },
    options: quick,
    expect: { delivered: 5, connections: [2, 3] },
  },
  {
    name: 'a peer that speaks before it is spoken to',
    script: { connect: [['220 mail.example ESMTP\r\n'], []] },
    options: quick,
    expect: { delivered: 5, connections: 2 },
  },
  {
    name: 'Connection: close, every time: a connection for each request',
    script: { answer: [request => [...accept(request).map(close), fin]] },
    options: { flushAt: 5 },
    capture: client => captureMarked(client, 20),
    expect: { delivered: 20, copies: 1, connections: [1, 6] },
  },
  {
    name: 'Connection: close that is said and not done',
    script: { answer: [request => accept(request).map(close)] },
    expect: { delivered: 5, requests: 1, copies: 1 },
  },
  {
    name: 'Keep-Alive: timeout=0',
    script: { answer: [[answer(202, { headers: { 'Keep-Alive': 'timeout=0' } })]] },
    warmUp: 1,
    expect: { delivered: 5, requests: 1, copies: 1 },
  },
  {
    name: 'one connection serves all batches of a healthy endpoint',
    warmUp: 1,
    options: { flushAt: 10 },
    capture: client => captureMarked(client, 50),
    expect: { delivered: 50, copies: 1, connections: 0 },
  },
  {
    name: 'two connections at most serve a backlog',
    warmUp: 2,
    capture: client => captureMarked(client, 4000),
    expect: { delivered: 4000, copies: 1, connections: [0, 1] },
  },
  {
    name: 'an outage under load: few copies, small probes, other ones each time',
    script: { answer: [[answer(503)], [answer(503)], [reset], [answer(500)], accept] },
    options: { flushAt: 500 },
    capture: client => captureMarked(client, 1000),
    patience: 20_000,
    expect: { delivered: 1000, copies: 4, warnings: [/events are kept and retried/] },
  },
  {
    name: 'http: spoken on a port that wants TLS',
    endpoint: 'the same port by https:',
    script: { connect: [['HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n', fin]] },
    patience: 300,
    expect: { delivered: 0, requests: 0 },
  },
  {
    name: 'a TLS handshake that never ends is given up in time',
    endpoint: 'the same port by https:',
    patience: 1500,
    expect: { delivered: 0, requests: 0 },
  },
  {
    name: 'a name that does not exist',
    endpoint: { url: 'https://nowhere.invalid/v1/events' },
    patience: 3500,
    expect: { delivered: 0, warnings: [/failed \((ENOTFOUND|EAI_AGAIN)\); events are kept/] },
  },
]

function close(step: unknown): string {
  return String(step).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
}
