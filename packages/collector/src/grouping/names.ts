import type { Frame } from './frames.js'

const ACCESS = /^(?:(?:async|new|get|set|static) )+/

/** The last part of a function's name: `total` of `async Cart.total [as sum]`; '' where it has none. */
export function lastName(name: string): string {
  const alias = name.indexOf(' [as ')
  const bare = alias < 0 ? name : name.slice(0, alias)
  const symbol = bare.lastIndexOf('[Symbol.')
  const last = bare
    .slice(symbol < 0 ? bare.lastIndexOf('.') + 1 : symbol)
    .replace(ACCESS, '')
    .replace(/^#/, '')
  return last.startsWith('<') || last.includes(' ') ? '' : last
}

/** The last part of a path. */
export function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
}

const EXTENSION = /\.(?:[cm]?[jt]sx?|py|vue|svelte|json)$/
const TAIL = /^(.+)[-._]([\w-]{8,64})$/

/** The name of a file without what a build adds to it: `cart` of `/app/dist/cart-3f9ac2e1.js`. */
export function stableName(file: string): string {
  const stem = baseName(file)
    .replace(EXTENSION, '')
    .replace(/\.min$/, '')
  const [, before, tail] = TAIL.exec(stem) ?? []
  if (before !== undefined && tail !== undefined && isHash(tail)) return before
  // The hash itself may have a dash in it.
  const dash = stem.length - 9
  return dash > 0 && stem[dash] === '-' && isHash(stem.slice(dash + 1)) ? stem.slice(0, dash) : stem
}

function isHash(text: string): boolean {
  const digit = /\d/.test(text)
  if (digit && /^[0-9a-f]+$/.test(text)) return true
  if (text.length === 8 && /^[A-Z2-7]+$/.test(text)) return true
  const mixed = /[a-z]/.test(text) && /[A-Z]/.test(text)
  return mixed && (digit || text.length === 8) && !/^[a-z]+[A-Z][a-z]+$/.test(text)
}

const SHORT = /^[A-Za-z_$]{1,2}\d?$/
/** No one writes lines of this length by hand. */
const LONG_LINE = 500
const LONG_FIRST_LINE = 120

export function looksMinified(name: string): boolean {
  return SHORT.test(name)
}

/** No engine is given such a file minified: a source map led there, and the names alone may be a minifier's. */
const SOURCE = /\.[cm]?tsx?$/

/** Whether a frame's names and its file are a minifier's: they change with every build. */
export function isMinified({ function: name, file, line, column, mapped }: Frame): boolean {
  if (mapped || SOURCE.test(file)) return false
  return looksMinified(lastName(name)) || column > LONG_LINE || (line === 1 && column > LONG_FIRST_LINE)
}

/** The last part of a frame's function; '' where it has no name, or a minifier's. */
export function knownName({ function: name, mapped }: Frame): string {
  const last = lastName(name)
  return !mapped && looksMinified(last) ? '' : last
}
