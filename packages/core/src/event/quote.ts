/** All but what JSON writes as it is: quotes, backslashes, control characters, halves of surrogate pairs. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

/** A string as JSON. */
export function quote(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`
}

const REMEMBERED = 500
const MAX_LENGTH = 600

/**
 * The same for strings that come again, such as routes and browsers.
 * @param write how one is written that is not remembered
 * @returns remembers up to 500 of them, none above 600 units
 */
export function createQuoter(write: (text: string) => string = quote): (text: string) => string {
  const known = new Map<string, string>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    const quoted = write(text)
    if (text.length <= MAX_LENGTH) {
      if (known.size >= REMEMBERED) known.clear()
      known.set(text, quoted)
    }
    return quoted
  }
}
