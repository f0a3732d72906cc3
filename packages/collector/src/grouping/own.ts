import type { Frame } from './frames.js'
import { baseName, isMinified, knownName, stableName } from './names.js'

const IN_MIDDLEWARE = /middlewares?/i
const MIDDLEWARE =
  /^(?:next|dispatch|compose|log(?:ger|ging)?|requestLogger|errorHandler|handleErrors?|cors|helmet|session|tracing|timing|responseTime|rateLimit(?:er)?|auth|authenticate|authorize)$/i

/** The engine keeps no more of a stack unless it is told to. */
const MOST_OF_RECURSION = 10

/**
 * A request passes through it on its way to the frames within: middleware by its name or its place, or an
 * async function without a name.
 */
function isPassing(frame: Frame): boolean {
  const name = knownName(frame)
  if (name === '') return frame.async
  // Not the whole path: a project may be called so.
  const nearest = frame.file.split(/[\\/]/).slice(-2).join('/')
  return MIDDLEWARE.test(name) || IN_MIDDLEWARE.test(name) || IN_MIDDLEWARE.test(nearest)
}

/** How a frame is known over builds: `computeTotal (cart)`; without line, column, extension and hash. */
export function nameOf(frame: Frame): string {
  const name = knownName(frame)
  const file = stableName(frame.file)
  return name === '' ? file : `${name} (${file})`
}

/** As it is shown: `computeTotal (cart.ts)`. */
export function showFrame(frame: Frame): string {
  const name = knownName(frame)
  return name === '' ? baseName(frame.file) : `${name} (${baseName(frame.file)})`
}

/**
 * The application's own frames that tell faults apart, the innermost first: named as their developers
 * named them, each once, and behind the first none that a request only passes through, nor any further
 * out than a package's.
 */
export function ownFrames(frames: readonly Frame[], most: number): Frame[] {
  const own: Frame[] = []
  for (const frame of frames) {
    if (own.length === most) break
    if (frame.origin === 'library' && own.length > 0) break
    if (frame.origin !== 'own' || isMinified(frame)) continue
    if (own.length > 0 && isPassing(frame)) continue
    if (own.some(each => nameOf(each) === nameOf(frame))) continue
    own.push(frame)
  }
  return own
}

/** The innermost own frame; where it has no name, the one around it, too. */
export function innermostFrame(frames: readonly Frame[]): Frame[] {
  const own = ownFrames(frames, 2)
  return own[0] && knownName(own[0]) === '' ? own : own.slice(0, 1)
}

/** Where a recursion runs out of stack is chance: of the functions it goes through, always the same one. */
export function recursionOf(frames: readonly Frame[]): Frame[] {
  return ownFrames(frames, MOST_OF_RECURSION)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, 1)
}
