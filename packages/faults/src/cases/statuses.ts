import { type Case, captureMarked } from '../run.js'
import { accept, answer, type Received, type Step } from '../server/index.js'

const cases = (statuses: readonly number[], make: (status: number) => Case): Case[] => statuses.map(make)

/** Answers some requests with a status and takes the others. */
const when =
  (status: number, test: (request: Received) => boolean) =>
  (request: Received): readonly Step[] =>
    test(request) ? [answer(status)] : accept(request)

const isArray = ({ isArray }: Received): boolean => isArray
const isPacked = ({ headers }: Received): boolean => headers['content-encoding'] === 'gzip'
const hasPoison = ({ events }: Received): boolean => events.some(({ event }) => event === 'event 3')
const longText = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map(name => [name, name.repeat(900)]))

/** Every row of the table of answers. */
export const statuses: readonly Case[] = [
  ...cases([200, 201, 202, 203, 204, 206, 299], status => ({
    name: `${status} acknowledges`,
    script: { answer: [[answer(status)]] },
    expect: { delivered: 5, requests: 1, copies: 1 },
  })),
  ...cases([200, 202], status => ({
    name: `${status} with a page is no acknowledgement`,
    script: {
      answer: [
        [answer(status, { headers: { 'Content-Type': 'Text/HTML; charset=utf-8' }, body: '<p>Log in' })],
      ],
    },
    expect: { delivered: 0, requests: 1, warnings: [/answered 20\d with a page, .*check the endpoint/] },
  })),
  ...cases([300, 301, 302, 303, 307, 308], status => ({
    name: `${status} is not followed`,
    script: { answer: [[answer(status, { headers: { Location: '/v2/events' } })], accept] },
    expect: { delivered: 0, requests: 1, warnings: [new RegExp(`answered ${status}, .*check the endpoint`)] },
  })),
  ...cases([304, 404, 405, 406, 409, 410, 411, 418, 421, 426, 428, 431, 451, 501, 505], status => ({
    name: `${status} is a misconfiguration: one request, one warning, everything kept`,
    script: { answer: [[answer(status)], accept] },
    expect: { delivered: 0, requests: 1, warnings: [new RegExp(`answered ${status}, .*check the endpoint`)] },
  })),
  ...cases([401, 403], status => ({
    name: `${status} stops the sender: one request, one warning, everything kept`,
    script: { answer: [[answer(status)], accept] },
    expect: { delivered: 0, requests: 1, warnings: [new RegExp(`answered ${status}: check the API key`)] },
  })),
  ...cases([402, 408, 425, 429, 500, 502, 503, 504, 506, 507, 508, 511, 520, 522, 599], status => ({
    name: `${status} is tried again, after a while`,
    script: { answer: [[answer(status)], accept] },
    expect: { delivered: 5, requests: 2, apart: 250 },
  })),
  {
    name: '503 again and again: a warning from the third failure on, few requests, everything kept',
    script: { answer: [[answer(503)]] },
    patience: 3500,
    expect: { delivered: 0, requests: [3, 5], copies: 5, warnings: [/answered 503; events are kept/] },
  },
  ...cases([400, 422], status => ({
    name: `${status} to everything is a misconfiguration, and nothing is lost`,
    script: { answer: [[answer(status)]] },
    expect: {
      delivered: 0,
      requests: 3,
      copies: 3,
      warnings: [new RegExp(`answered ${status} to everything, .*check the endpoint`)],
    },
  })),
  ...cases([400, 415, 422], status => ({
    name: `${status} to arrays alone: single objects from then on`,
    script: { answer: [when(status, isArray)] },
    expect: { delivered: 5, requests: [6, 7], copies: 3 },
  })),
  ...cases([400, 422], status => ({
    name: `${status} to one event: the batch is split, and that one alone is lost`,
    warmUp: 2,
    capture: client => captureMarked(client, 16),
    script: { answer: [when(status, hasPoison)] },
    expect: {
      delivered: 15,
      dropped: { rejected: 1 },
      requests: [5, 11],
      copies: 6,
      warnings: [/rejected an event/],
    },
  })),
  {
    name: '413 to large batches: they are halved',
    script: { answer: [when(413, ({ events }) => events.length > 3)] },
    capture: client => captureMarked(client, 16),
    expect: { delivered: 16, requests: [9, 11], copies: 4 },
  },
  {
    name: '413 to large events: they are shrunk',
    script: { answer: [when(413, ({ headers }) => Number(headers['content-length']) > 2500)] },
    options: { compress: false },
    capture: client => captureMarked(client, 2, longText),
    expect: { delivered: 2, copies: 5 },
  },
  {
    name: '413 to everything: each event is given up as too large',
    script: { answer: [[answer(413)]] },
    expect: { delivered: 0, dropped: { too_large: 5 }, copies: 6 },
  },
  {
    name: '415 to a packed body: unpacked from then on',
    script: { answer: [when(415, isPacked)] },
    capture: client => captureMarked(client, 30),
    expect: { delivered: 30, requests: 2 },
  },
  {
    name: '415 to everything is a misconfiguration',
    script: { answer: [[answer(415)]] },
    capture: client => captureMarked(client, 30),
    expect: { delivered: 0, requests: [3, 4], copies: 4, warnings: [/answered 415/] },
  },
  ...cases([102, 103], status => ({
    name: `${status} before the answer is not the answer`,
    script: { answer: [request => [`HTTP/1.1 ${status} Wait\r\nX: y\r\n\r\n`, ...accept(request)]] },
    expect: { delivered: 5, requests: 1, copies: 1 },
  })),
  {
    // undici takes it for a broken answer where nobody asked for it.
    name: '100 that nobody asked for is a failed attempt',
    script: { answer: [request => ['HTTP/1.1 100 Continue\r\n\r\n', ...accept(request)], accept] },
    expect: { delivered: 5, requests: 2 },
  },
  {
    name: '101 is no answer to a post',
    script: { answer: [['HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'], accept] },
    expect: { delivered: 5, requests: [2, 3] },
  },
  {
    name: 'maxRetries: an event is given up after so many',
    script: { answer: [[answer(500)]] },
    options: { maxRetries: 1 },
    expect: { delivered: 0, dropped: { expired: 5 }, requests: 2 },
  },
]
