import type { AnalyticsOptions } from '@justanalytics/core'
import type { Twin } from '../twin.js'

/** A process that ends by itself is held up by so much at most, where something is queued. */
const LEAVE_MS = 2000
/** One that crashes or is told to exit, with `captureUncaught`. */
const CRASH_MS = 1000

const ALL = ['up', 'refused', 'silent', 'sick'] as const
const WATCHING: AnalyticsOptions = { captureUncaught: true }

type Parts = Partial<Omit<Twin, 'name' | 'act' | 'endpoint'>>

/** One act against several endpoints. */
const against = (endpoints: readonly Twin['endpoint'][], act: string, parts: Parts = {}): Twin[] =>
  endpoints.map(endpoint => ({
    name: `${act}; the endpoint is ${endpoint}`,
    act,
    endpoint,
    held: LEAVE_MS,
    ...parts,
    ...(endpoint !== 'up' && { arrive: 'any', exceptions: 'any' }),
  }))

const one = (act: string, parts: Parts = {}): Twin[] => against(['up'], act, parts)

const natural: readonly Twin[] = [
  ...against(['up', 'silent'], 'do nothing', { held: 0, arrive: 0 }),
  ...against(ALL, 'capture', { arrive: 1 }),
  ...against(['up', 'refused', 'silent'], 'capture much'),
  ...against(['up', 'silent'], 'capture and work on', { arrive: 1 }),
  ...against(['up', 'refused'], 'set an exit code', { arrive: 1 }),
  ...against(['up'], 'capture, flush and end', { arrive: 1, held: 0 }),
  ...against(['up', 'silent'], 'capture and close', { arrive: 1 }),
  ...against(['up', 'refused', 'silent'], 'await for ever', { arrive: 1 }),
  ...one('name its listeners', { arrive: 0, held: 0 }),
  ...one('count what it is told at the end', { arrive: 0, held: 0 }),
  ...one('warn in Node’s own way', { arrive: 0, held: 0 }),
]

const exits: readonly Twin[] = [
  ...against(['up', 'silent'], 'call process.exit', { arrive: 0, held: 0 }),
  ...against(['up', 'silent'], 'call process.exit in the middle of an attempt', { held: 0 }),
  ...one('call process.exit in a listener for exit', { arrive: 1 }),
  ...against(ALL, 'call process.exit', { options: WATCHING, held: CRASH_MS, arrive: 1 }),
].map(watched)

const crashes: readonly Twin[] = [
  ...against(['up', 'silent'], 'throw at once', { arrive: 0, held: 0 }),
  ...against(['up', 'silent'], 'throw later', { arrive: 0, held: 0 }),
  ...one('throw a string', { arrive: 0, held: 0 }),
  ...one('throw undefined', { arrive: 0, held: 0 }),
  ...one('throw an AggregateError', { arrive: 0, held: 0 }),
  ...one('throw what cannot be printed', { arrive: 0, held: 0 }),
  ...one('survive by a listener', { arrive: 0, held: 0 }),
  ...one('throw in the listener', { arrive: 0, held: 0 }),
  ...one('watch by a monitor', { arrive: 0, held: 0 }),
  ...one('reject', { arrive: 0, held: 0 }),
  ...one('survive a rejection by a listener', { arrive: 0, held: 0 }),
  ...against(ALL, 'throw later', { options: WATCHING, held: CRASH_MS, arrive: 2, exceptions: 1 }),
  ...[
    ...one('throw at once', { arrive: 2, exceptions: 1 }),
    ...one('throw a string', { arrive: 1, exceptions: 1 }),
    ...one('throw undefined', { arrive: 1, exceptions: 1 }),
    ...one('throw an AggregateError', { arrive: 1, exceptions: 1 }),
    ...one('throw what cannot be printed', { arrive: 1, exceptions: 1 }),
    ...one('survive by a listener', { arrive: 1, exceptions: 1 }),
    // Node ends such a process on the spot: nothing can be delivered any more.
    ...one('throw in the listener', { arrive: 0 }),
    ...one('watch by a monitor', { arrive: 1, exceptions: 1 }),
    ...one('survive a rejection by a listener', { arrive: 0, exceptions: 0 }),
    ...one('handle a rejection late', { arrive: 0, exceptions: 0 }),
  ].map(twin => ({ ...twin, options: WATCHING, held: CRASH_MS })),
].map(watched)

/** In which modes a rejection ends the process, and is an exception therefore. */
const MODES = { throw: 1, strict: 1, warn: 0, none: 0, 'warn-with-error-code': 0 }

const rejections: readonly Twin[] = Object.entries(MODES).flatMap(([mode, exceptions]) =>
  [undefined, WATCHING].flatMap(options =>
    ['reject', 'reject with a string'].map(act => ({
      name: `${act}, under --unhandled-rejections=${mode}${options ? ', with captureUncaught' : ''}`,
      act,
      endpoint: 'up' as const,
      flags: [`--unhandled-rejections=${mode}`],
      exceptions: options ? exceptions : 0,
      held: LEAVE_MS,
      ...(options && { options }),
    })),
  ),
)

const signals: readonly Twin[] = [
  ...against(['up', 'silent'], 'wait for a signal', { outside: 'SIGTERM', held: 0, arrive: 0 }),
  ...one('wait for a signal', { outside: 'SIGTERM', held: 0, arrive: 0, options: WATCHING }),
  ...one('wait for a signal', { outside: 'SIGINT', held: 0, arrive: 0 }),
  ...one('wait for a signal', { outside: 'SIGHUP', held: 0, arrive: 0 }),
  ...one('wait for a signal', { outside: 'SIGKILL', held: 0, arrive: 0 }),
  ...against(['up', 'silent'], 'end in its own time on SIGTERM', { outside: 'SIGTERM', arrive: 1 }),
  ...against(['up', 'silent'], 'close on SIGTERM', { outside: 'SIGTERM', arrive: 1 }),
  ...one('kill itself', { held: 0, arrive: 0 }),
  ...one('write until nobody reads', { outside: 'close stdout' }),
]
  .map(watched)
  .map(twin => (twin.outside ? { ...twin, name: `${twin.name}; ${twin.outside}` } : twin))

const family: readonly Twin[] = [
  ...against(['up', 'silent'], 'fork', { clients: 2, arrive: 2, held: LEAVE_MS * 2 }),
  ...one('fork one that throws', { clients: 2, held: LEAVE_MS * 2 }),
  ...against(['up', 'silent'], 'cluster', { clients: 3, held: LEAVE_MS * 2 }),
  ...against(['up', 'silent'], 'worker threads', { clients: 3, arrive: 3, held: LEAVE_MS * 2 }),
  ...one('a thread that throws', { clients: 2, held: LEAVE_MS }),
  ...against(['up', 'silent'], 'a thread that is terminated', { clients: 2, held: LEAVE_MS }),
]

const clocks: readonly Twin[] = [
  'a clock that jumps a year ahead',
  'a clock that jumps a year back',
  'a clock that tells no time',
].flatMap(act => against(['up', 'silent'], act, { arrive: 2 }))

/** How a process may end. */
export const ENDINGS: Readonly<Record<string, readonly Twin[]>> = {
  'by itself': natural,
  'by process.exit': exits,
  'by an error': crashes,
  'by a rejection': rejections,
  'by a signal': signals,
  'with others': family,
  'under a clock that moves': clocks,
}

function watched(twin: Twin): Twin {
  return twin.options?.captureUncaught ? { ...twin, name: `${twin.name}; with captureUncaught` } : twin
}
