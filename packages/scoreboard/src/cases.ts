import {
  type Answer,
  answer,
  drip,
  fin,
  type Received,
  reset,
  type Script,
  type Step,
  silence,
} from '@justanalytics/faults/server'
import { markOf } from './mark.js'
import { ODD_VALUES } from './odd-values.js'
import type { Act } from './plan.js'
import type { Outcome, Trial } from './run.js'

/** What a client did, and whether it kept the promise of docs/delivery.md. */
export interface Judgement {
  kept: boolean
  text: string
}

export interface Case extends Trial {
  name: string
  /** The promise, in a few words. */
  promise: string
  /** One client after the other: the machine has to be quiet for what is measured. */
  alone?: true
  /** @param bare what the same application did without any client */
  judge(outcome: Outcome, bare: Outcome): Judgement
}

const EVENTS = 100
const ONE_SHOT: readonly Act[] = [
  { do: 'capture', events: EVENTS },
  { do: 'flush', ms: 10_000 },
]
/** Time to recover in, as a server that goes on has. */
const patient = (ms: number): readonly Act[] => [
  { do: 'capture', events: EVENTS },
  { do: 'wait', ms },
  { do: 'flush', ms: 10_000 },
]
/** A little more than promised: these are processes on a busy machine. */
const SLACK_MS = 500
const OK: Answer = () => [answer(200, { body: '{}' })]
const always = (steps: Answer): Script => ({ answer: [steps] })
/** One thing for a while, and then a healthy endpoint. */
const first =
  (ms: number, steps: Answer) =>
  (since: () => number): Script => ({
    answer: [
      request => {
        const now = since() < ms ? steps : OK
        return typeof now === 'function' ? now(request) : now
      },
    ],
  })

function allOf(expected: number, { delivered, copies }: Outcome, mostCopies = 1): Judgement {
  const { most, average } = copies
  const many = most > 1 ? `; copies: ${average.toFixed(1)} on average, ${most} of one` : ''
  const kept = delivered.size >= expected && average <= Math.max(mostCopies, 1)
  return { kept, text: `${delivered.size} of ${expected} delivered${many}` }
}

function saysSo({ flushed, delivered }: Outcome): Judgement {
  const claims = flushed === 'true'
  const text = claims
    ? `says all got through; ${delivered.size} did`
    : flushed === 'nothing said'
      ? 'resolves and says nothing'
      : `says it did not (${flushed})`
  return { kept: flushed === 'false' || flushed === 'rejected', text }
}

function ends(outcome: Outcome, bare: Outcome, within: number): Judgement {
  const extra = outcome.endedAfter - bare.endedAfter
  const killed = outcome.exit === 'SIGKILL'
  return {
    kept: !killed && extra <= within + SLACK_MS,
    text: killed ? 'not within 60 s' : `${(Math.max(0, extra) / 1000).toFixed(1)} s later than without`,
  }
}

export const CASES: readonly Case[] = [
  {
    name: 'A healthy endpoint',
    promise: 'every event once',
    script: () => always(OK),
    plan: ONE_SHOT,
    judge: outcome => allOf(EVENTS, outcome),
  },
  {
    name: '503 for 8 s',
    promise: 'every event, at most 3 copies on average',
    script: first(8000, [answer(503)]),
    plan: patient(20_000),
    judge: outcome => allOf(EVENTS, outcome, 3),
  },
  {
    name: 'Connections reset for 8 s',
    promise: 'every event',
    script: first(8000, [reset]),
    plan: patient(20_000),
    judge: outcome => allOf(EVENTS, outcome, 3),
  },
  {
    name: '429 with `Retry-After: 4`',
    promise: 'nothing is sent for 4 s, then every event',
    script: () => ({ answer: [[answer(429, { headers: { 'Retry-After': '4' } })], OK] }),
    plan: patient(12_000),
    judge(outcome) {
      const [at, next] = outcome.requests.map(request => request.at)
      const paused = at === undefined || next === undefined ? 0 : (next - at) / 1000
      const { kept, text } = allOf(EVENTS, outcome, 2)
      return { kept: kept && paused >= 3.9, text: `${text}; the next request after ${paused.toFixed(1)} s` }
    },
  },
  {
    name: 'A redirect (301)',
    promise: 'not followed, and not taken for success',
    script: () => ({
      answer: [
        request =>
          request.target.includes('elsewhere')
            ? [answer(200, { body: '{}' })]
            : [answer(301, { headers: { Location: '/elsewhere' } })],
      ],
    }),
    plan: ONE_SHOT,
    judge(outcome) {
      const followed = outcome.requests.filter(({ target }) => target.includes('elsewhere'))
      const { kept, text } = saysSo(outcome)
      const how = followed[0] ? `followed as ${followed[0].method}; ` : ''
      return { kept: kept && followed.length === 0, text: how + text }
    },
  },
  {
    name: 'An HTML page with 200, as a proxy shows it',
    promise: 'not taken for an acknowledgement',
    script: () =>
      always([answer(200, { headers: { 'Content-Type': 'text/html' }, body: '<html>Sign in</html>' })]),
    plan: ONE_SHOT,
    judge: saysSo,
  },
  {
    name: 'Nobody listens',
    promise: 'the flush says so',
    plan: ONE_SHOT,
    judge: saysSo,
  },
  {
    name: '400 to a batch with one bad event in it',
    promise: 'the other 99 are delivered',
    script: () =>
      always(({ events }) => [
        events.some(({ event_id }) => event_id === markOf(50)) ? answer(400) : answer(200, { body: '{}' }),
      ]),
    plan: patient(15_000),
    judge: outcome => allOf(EVENTS - 1, outcome, 20),
  },
  {
    name: '413 to more than 10 events',
    promise: 'smaller batches',
    script: () => always(({ events }) => [events.length > 10 ? answer(413) : answer(200, { body: '{}' })]),
    plan: patient(15_000),
    judge: outcome => allOf(EVENTS, outcome, 20),
  },
  {
    name: 'The connection is closed right after each answer',
    promise: 'every event',
    script: () => always([answer(200, { body: '{}' }), fin]),
    plan: [
      { do: 'capture', events: 50 },
      { do: 'wait', ms: 3000 },
      { do: 'capture', events: 50 },
      { do: 'flush', ms: 10_000 },
    ],
    judge: outcome => allOf(EVENTS, outcome),
  },
  {
    name: 'An endpoint that never answers: the process ends by itself',
    promise: 'at most 2 s later',
    script: () => always([silence]),
    plan: [{ do: 'capture', events: 10 }],
    judge: (outcome, bare) => ends(outcome, bare, 2000),
  },
  {
    name: 'Nobody listens: the process ends by itself',
    promise: 'at most 2 s later',
    plan: [{ do: 'capture', events: 10 }],
    judge: (outcome, bare) => ends(outcome, bare, 2000),
  },
  {
    name: 'One byte of the answer a second: a flush',
    promise: 'no attempt outlives 2 s',
    script: () => always(dripping),
    plan: [
      { do: 'capture', events: 10 },
      { do: 'wait', ms: 30_000 },
    ],
    judge(outcome) {
      const longest = Math.max(0, ...outcome.requests.map(request => held.get(request) ?? 0))
      return {
        kept: outcome.requests.length > 0 && longest <= 2000 + SLACK_MS,
        text:
          outcome.requests.length === 0
            ? 'nothing sent'
            : `an attempt lasts ${(longest / 1000).toFixed(1)} s`,
      }
    },
  },
  {
    name: 'Nobody listens, 2,000 events a second for 15 s',
    promise: 'at most 8 MiB of memory',
    alone: true,
    plan: [{ do: 'load', perSecond: 2000, seconds: 15 }],
    judge: ({ heapMib }, bare) => {
      const growth = heapMib - bare.heapMib
      return { kept: growth <= 8, text: `${growth.toFixed(1)} MiB` }
    },
  },
  {
    name: `${ODD_VALUES.length} odd values, 10 good events beside each`,
    promise: 'the good ones are delivered, nothing is thrown',
    script: () => always(OK),
    plan: [{ do: 'odd values' }, { do: 'wait', ms: 3000 }, { do: 'flush', ms: 20_000 }],
    judge({ delivered, threw, exit }) {
      const good = [...delivered].length
      const whole = ODD_VALUES.filter((_, index) =>
        Array.from({ length: 10 }, (_, event) => markOf(index * 100 + event)).every(mark =>
          delivered.has(mark),
        ),
      ).length
      const crashed = exit === 0 ? '' : `; the process ended with ${exit}`
      return {
        kept: whole === ODD_VALUES.length && threw === 0 && exit === 0,
        text: `${good} of ${ODD_VALUES.length * 10} delivered, something lost in ${ODD_VALUES.length - whole} cases${threw ? `, ${threw} calls threw` : ''}${crashed}`,
      }
    },
  },
  {
    name: 'An uncaught error',
    promise: 'reported, with the exit code and the words of Node alone',
    alone: true,
    script: () => always(OK),
    plan: [{ do: 'throw' }],
    judge({ delivered, exit, stderr }, bare) {
      const same = normal(stderr) === normal(bare.stderr)
      return {
        kept: delivered.size === 1 && exit === bare.exit && same,
        text: `${delivered.size === 1 ? 'reported' : 'not reported'}; exit code ${exit}${same ? '' : '; stderr is another'}`,
      }
    },
  },
  {
    name: '`process.exit()` right after 10 events',
    promise: 'they are delivered, as crashes are reported too',
    alone: true,
    script: () => always(OK),
    plan: [{ do: 'capture', events: 10 }, { do: 'exit' }],
    judge: outcome => allOf(10, outcome),
  },
]

/** Paths and stack lines of the client's own are another matter than words. */
function normal(stderr: string): string {
  return stderr.replaceAll(/^\s+at .*$/gm, '').replaceAll(/\n+/g, '\n')
}

/** How long each attempt lasted until one side left it, milliseconds. */
const held = new WeakMap<Received, number>()

/** A byte a second, each in time for whoever counts idle seconds alone. */
function dripping(request: Received): readonly Step[] {
  return [
    async line => {
      try {
        await drip(answer(200, { body: '{}' }), 1000)(line)
      } finally {
        held.set(request, performance.now() - request.at)
      }
    },
  ]
}
