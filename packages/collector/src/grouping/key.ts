import { createHash } from 'node:crypto'
import { readEngineMessage } from './engine.js'
import type { Fault, Thrown } from './fault.js'
import type { Frame } from './frames.js'
import { portOf, templateOf } from './message.js'
import { looksMinified } from './names.js'
import { innermostFrame, nameOf, ownFrames, recursionOf, showFrame } from './own.js'

/** Goes up with every change that gives a known fault another key. */
const VERSION = 2
const DEPTH_OF_CAUSES = 3
const LONGEST_TITLE = 300

/** What belongs together, and why. */
export interface Group {
  /** The same for the same fault of a site, over builds and releases. */
  id: string
  /** Type and message, the varying parts masked. */
  title: string
  /** Function and file, else the route or task; '' where nothing is known. */
  culprit: string
  /** The parts of the key, each `name: value`. */
  why: string[]
}

type Part = readonly [name: string, value: string]

const BUILT_IN = /^(?:Eval|Range|Reference|Syntax|Type|URI|Aggregate)Error$/
const VALUES = new Set(['string', 'number', 'boolean', 'bigint', 'symbol', 'undefined', 'object', 'function'])

/** A class's name is a variable's to a minifier. */
function typeOf({ type }: Thrown): string {
  return looksMinified(type) ? 'Error' : templateOf(type)
}

/** What was thrown is no error: it has no stack. */
function isValue({ type, frames }: Thrown): boolean {
  return (
    VALUES.has(type) || (frames.length === 0 && !/(?:Error|Exception)\d*$/.test(type) && !looksMinified(type))
  )
}

/** What an error says of itself, and where in the application it was thrown. */
function describe(thrown: Thrown, code: string): { parts: Part[]; isPlaced: boolean } {
  const type = typeOf(thrown)
  const isBuiltIn = BUILT_IN.test(type)
  const saying = said(thrown, code)
  const frames = framesOf(thrown, isBuiltIn, saying[1] === 'call stack')
  // The words of a function of the engine vary with what it was given; where it was called tells more.
  const isCalled = isBuiltIn && saying[0] === 'message' && thrown.frames[0]?.origin !== 'own'
  const named = frames.map(frame => ['frame', nameOf(frame)] as const)
  const isSaid = frames.length === 0 || !isCalled
  return { parts: [['type', type], ...(isSaid ? [saying] : []), ...named], isPlaced: frames.length > 0 }
}

function framesOf({ frames }: Thrown, isBuiltIn: boolean, isRecursion: boolean): Frame[] {
  if (isRecursion) return recursionOf(frames)
  return isBuiltIn ? innermostFrame(frames) : ownFrames(frames, 2)
}

/** Without a frame of its own, an error is known by what failed, and where the application asked for it. */
function describeUnplaced(fault: Fault): Part[] {
  const code: Part[] = fault.code === '' ? [] : [['code', fault.code]]
  return known([
    ['type', typeOf(fault)],
    ...code,
    // `spawn convert-12`: it may have an argument.
    ['syscall', templateOf(fault.syscall)],
    ['port', portOf(fault.message)],
    ...(code.length > 0 ? [] : [said(fault)]),
    ['place', fault.place],
  ])
}

/** What the engine says, else what the message says. */
function said(thrown: Thrown, code = ''): Part {
  const engine = BUILT_IN.test(typeOf(thrown)) ? readEngineMessage(thrown.message) : undefined
  return engine
    ? ['engine', `${engine.kind} ${engine.property}`.trim()]
    : ['message', templateOf(thrown.message, code)]
}

function describeCause(cause: Thrown): Part {
  const { parts } = describe(cause, '')
  return [
    'cause',
    known(parts)
      .map(([, value]) => value)
      .join(', '),
  ]
}

const known = (parts: readonly Part[]): Part[] => parts.filter(([, value]) => value !== '')

function partsOf(fault: Fault): Part[] {
  if (fault.fingerprint.length > 0) return fault.fingerprint.map(part => ['fingerprint', part])
  if (isValue(fault))
    return known([
      ['kind', fault.type],
      ['message', templateOf(fault.message)],
      ['place', fault.place],
    ])
  const { parts, isPlaced } = describe(fault, fault.code)
  const own = isPlaced ? known([...parts, ['code', fault.code]]) : describeUnplaced(fault)
  return [...own, ...fault.causes.slice(0, DEPTH_OF_CAUSES).map(describeCause)]
}

function titleOf(fault: Fault): string {
  const said = readEngineMessage(fault.message)?.title ?? templateOf(fault.message, fault.code)
  return (said === '' ? fault.type : `${fault.type}: ${said}`).slice(0, LONGEST_TITLE).toWellFormed()
}

/** The group of a fault. Pure, and its time is bounded by what is read of an event. */
export function groupOf(fault: Fault): Group {
  const parts = partsOf(fault)
  const hash = createHash('sha256')
    .update(JSON.stringify([VERSION, fault.site, parts]))
    .digest('hex')
  const [frame] = ownFrames(fault.frames, 1)
  return {
    id: `g${VERSION}_${hash.slice(0, 16)}`,
    title: titleOf(fault),
    culprit: frame ? showFrame(frame) : fault.place,
    why: parts.map(([name, value]) => `${name}: ${value}`),
  }
}
