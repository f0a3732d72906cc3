/** All but what JSON writes as it is: quotes, backslashes, control characters, halves of surrogate pairs. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

/** A string as JSON. */
export function quote(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`
}

const REMEMBERED = 500
const MAX_LENGTH = 600

/** The same for strings that come again, such as routes and browsers; it remembers a bounded number of them. */
export function createQuoter(): (text: string) => string {
  let known = new Map<string, string>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    const quoted = quote(text)
    if (text.length <= MAX_LENGTH) {
      if (known.size >= REMEMBERED) known = new Map()
      known.set(text, quoted)
    }
    return quoted
  }
}
