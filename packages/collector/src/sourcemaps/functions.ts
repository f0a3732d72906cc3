/** Longer lines are written by machines; their layout says nothing. */
const LONGEST_LINE = 400
/** So far up a function's first line is looked for. */
const MOST_LINES = 2000

const NO_FUNCTION = new Set(
  'if for while switch catch with else do try return throw await typeof new delete void case super import yield in of'.split(
    ' ',
  ),
)
const HEAD = /^function\b\s*\*?\s*([\w$]+)\s*[(<]/
const NAMED = /\bfunction\b\s*\*?\s*([\w$]+)\s*[(<]/
const ASSIGNED = /#?([\w$]+)\s*(?::[^=]{1,200})?=\s*(?:async\b\s*)?(?:function\b|\(|<|[\w$]+\s*=>)/
const PROPERTY =
  /#?([\w$]+|(?<=['"])[\w$ .-]{1,200}(?=['"]))['"]?\s*:\s*(?:async\b\s*)?(?:function\b|\(|[\w$]+\s*=>)/
/** A line of one; `*rows() {` is a method. */
const COMMENT = /^(?:\/\/|\*(?:[\s/]|$))/
/** `save(cart, {` is a call with an argument on the lines below. */
const BODY = /\)\s*(?::.{1,200})?\{$/
const METHOD =
  /^(?:(?:export|default|public|private|protected|static|override|async|get|set)\s+)*\*?\s*[#'"]?([\w$]+|\[Symbol\.\w+\]|(?<=['"])[\w$ .-]{1,200}(?=['"]))['"]?\s*(?:<[^>]{0,200}>)?\(/

/**
 * The name of the function around a place in a source, told by its indentation; '' for one without a name
 * and for none. `undefined` where the layout does not tell.
 * @param line from 1
 * @param column from 1
 */
export function functionAt(lines: readonly string[], line: number, column: number): string | undefined {
  const own = lines[line - 1]
  if (own === undefined || own.length > LONGEST_LINE) return undefined
  const inLine = functionInLine(own, column - 1)
  if (inLine !== undefined) return inLine === 'constructor' ? classAbove(lines, line) : inLine
  let depth = indentOf(own)
  let isOpen = false
  const end = Math.max(0, line - 1 - MOST_LINES)
  for (let at = line - 2; at >= end && (depth > 0 || isOpen); at--) {
    const text = lines[at] ?? ''
    const trimmed = text.trim()
    if (trimmed === '' || COMMENT.test(trimmed)) continue
    const indent = indentOf(text)
    if (indent > depth || (indent === depth && !isOpen)) continue
    if (text.length > LONGEST_LINE) return undefined
    depth = indent
    const name = nameIn(trimmed, isOpen)
    if (name === 'constructor') return classAbove(lines, at + 1)
    if (name !== undefined) return name
    // The end of parameters on lines of their own: their function begins above, as far to the left.
    isOpen = trimmed.startsWith(')') && trimmed.endsWith('{')
  }
  return ''
}

function indentOf(line: string): number {
  return Math.max(0, line.search(/\S/))
}

/**
 * The name of the function that a line begins; `undefined` where it begins none.
 * @param isOpen its parameters end further down: without that, what looks alike is a call
 */
function nameIn(line: string, isOpen: boolean): string | undefined {
  const isArrow = line.includes('=>')
  const name = NAMED.exec(line)?.[1]
  if (name !== undefined) return name
  if (isArrow || /\bfunction\b/.test(line) || /(?:=|:)\s*(?:async\s*)?\($/.test(line)) {
    const opener = isArrow ? '=>' : 'function'
    const at = line.lastIndexOf(opener)
    return nearest(at < 0 ? line : line.slice(0, at + opener.length))
  }
  const method = METHOD.exec(line)?.[1]
  if (method === undefined || NO_FUNCTION.has(method)) return undefined
  return isOpen || BODY.test(line) ? method : undefined
}

/** What a function is assigned to, as long as it is no argument of a call and not what another function returns. */
function nearest(text: string): string {
  const match = ASSIGNED.exec(text) ?? PROPERTY.exec(text)
  if (!match) return ''
  const rest = text.slice(match.index + match[0].length)
  // `const prices = items.map(item => …`: the function is an argument.
  const opened = match[0].endsWith('(') ? 1 : 0
  let depth = opened
  let arrows = match[0].endsWith('=>') ? 1 : 0
  for (const [sign] of rest.matchAll(/[()]|=>/g)) {
    if (sign === '(') depth++
    else if (sign === ')') depth--
    else if (depth === 0) arrows++
  }
  return depth <= 0 && arrows <= 1 ? (match[1] ?? '') : ''
}

/**
 * The function that begins and has not ended on one line, before a place on it. Where a stack runs out, the
 * place is the head of a function.
 */
function functionInLine(line: string, end: number): string | undefined {
  const before = line.slice(0, end)
  const opens = [...before.matchAll(/=>|\bfunction\b/g)].map(({ index }) => index).reverse()
  for (const at of opens.slice(0, 20)) if (staysOpen(before.slice(at))) return nearestIn(line, at)
  const brace = before.indexOf('{')
  if (brace < 0) return /=>|\bfunction\b/.test(line) ? undefined : nameIn(line.trim(), false)
  if (!staysOpen(before.slice(brace + 1))) return undefined
  const head = before.slice(0, brace + 1).trim()
  return NAMED.test(head) || METHOD.test(head) ? nameIn(head, false) : undefined
}

function nearestIn(line: string, at: number): string {
  const opener = line.startsWith('=>', at) ? '=>' : 'function'
  return HEAD.exec(line.slice(at))?.[1] ?? nearest(line.slice(0, at + opener.length))
}

/** No bracket is closed in it that was opened before it. */
function staysOpen(text: string): boolean {
  let depth = 0
  for (const sign of text) {
    if ('([{'.includes(sign)) depth++
    else if (')]}'.includes(sign) && --depth < 0) return false
    else if (sign === ';' && depth === 0) return false
  }
  return true
}

/** The engine names a constructor after its class. */
function classAbove(lines: readonly string[], line: number): string {
  for (let at = line - 1; at >= Math.max(0, line - MOST_LINES); at--) {
    const name = /\bclass\s+([\w$]{1,200})/.exec((lines[at] ?? '').slice(0, LONGEST_LINE))?.[1]
    if (name !== undefined) return name
  }
  return 'constructor'
}
