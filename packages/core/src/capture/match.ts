import type { Matcher } from '../options.js'
import { isPromise } from '../promise.js'

/** Whether a request, by its path or as a whole, is among those that an option names. */
export type Match<R> = (path: string, request: R) => boolean

/** A string is an exact path, or a prefix where it ends in `*`. */
export function compileMatcher<R>(matcher: Matcher<R> | undefined): Match<R> | undefined {
  if (matcher === undefined) return undefined
  const matches = (Array.isArray(matcher) ? (matcher as readonly Matcher<R>[]) : [matcher]).map(compileOne)
  return (path, request) => matches.some(match => match(path, request))
}

function compileOne<R>(matcher: Matcher<R>): Match<R> {
  if (typeof matcher === 'function') {
    return (_path, request) => {
      const answer: unknown = matcher(request)
      // Truthy, it would match every request.
      if (isPromise(answer)) throw new TypeError('it returned a promise')
      return Boolean(answer)
    }
  }
  if (matcher instanceof RegExp) {
    // A global or sticky pattern remembers where it stopped, and would match every other time.
    const pattern = new RegExp(matcher.source, matcher.flags.replace(/[gy]/g, ''))
    return path => pattern.test(path)
  }
  const text = matcher as string
  if (!text.endsWith('*')) return path => path === text
  const prefix = text.slice(0, -1)
  return path => path.startsWith(prefix)
}
