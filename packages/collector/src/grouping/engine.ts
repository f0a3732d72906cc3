/** One of the engine's own messages: what it says, and of which property. */
export interface EngineMessage {
  kind: string
  /** '' where it names none, or only a variable, whose name is the minifier's. */
  property: string
  /** The message without names that a minifier gives. */
  title: string
}

type Reader = (match: RegExpExecArray) => Omit<EngineMessage, 'kind'>

const asIs: Reader = match => ({ property: mask(match[1] ?? ''), title: mask(match[0]) })
const plain: Reader = match => ({ property: '', title: match[0] })

/** `open(...)`, `formats[kind]`: dots that are none between names, and a variable's name. */
const ARGUMENTS = /\(\.\.\.\)|\[[^\]]{0,200}\]/g

/** `cart.items.map is not a function`: the property is the last of them, the receiver is masked. */
const called: Reader = match => {
  const [, given = '', rest = ''] = match
  const callee = given.replace(ARGUMENTS, '')
  const dot = callee.lastIndexOf('.')
  const property = dot < 0 ? '' : mask(callee.slice(dot + 1))
  return { property, title: `${property === '' ? '…' : `….${property}`} ${rest}` }
}

/** Keys of data are properties, too: a number in one is no name. */
function mask(text: string): string {
  return text.replace(/\d+/g, '<n>')
}

const MESSAGES: readonly (readonly [kind: string, shape: RegExp, read: Reader])[] = [
  ['reading', /^Cannot read propert(?:y|ies) of (?:undefined|null) \(reading '([^']{0,200})'\)/, asIs],
  ['setting', /^Cannot set propert(?:y|ies) of (?:undefined|null) \(setting '([^']{0,200})'\)/, asIs],
  [
    'destructuring',
    /^Cannot destructure property '([^']{0,200})' of /,
    ([, name = '']) => ({ property: mask(name), title: `Cannot destructure property '${mask(name)}'` }),
  ],
  ['read-only', /^Cannot assign to read only property '([^']{0,200})' of object/, asIs],
  ['not extensible', /^Cannot add property ([^,\s]{1,200}), object is not extensible/, asIs],
  ['getter only', /^Cannot set property ([^\s]{1,200}) of .{1,100} which has only a getter/, asIs],
  ['not iterable', /^(.{1,300}?) (is not iterable|is not async iterable)/, called],
  ['not callable', /^(.{1,300}?) (is not a function|is not a constructor)/, called],
  ['not defined', /^([\w$]{1,200}) is not defined$/, asIs],
  ['too early', /^Cannot access '.{1,200}' before initialization/, () => early],
  ['constant', /^Assignment to constant variable/, plain],
  ['private member', /^Cannot (?:read|write) private member/, () => hidden],
  ['private member', /^(?:Receiver must be|Object must be an instance of) /, () => hidden],
  ['class called', /^Class constructor .{1,200} cannot be invoked without 'new'/, () => uncalled],
  ['instanceof', /^Right-hand side of 'instanceof' is not/, plain],
  ['in', /^Cannot use 'in' operator to search for '([^']{0,200})' in/, asIs],
  ['deleting', /^Cannot delete property '([^']{0,200})' of/, asIs],
  ['redefining', /^Cannot redefine property: (.{1,200})$/, asIs],
  ['division', /^Division by zero/, plain],
  ['array length', /^Invalid array length/, plain],
  ['call stack', /^Maximum call stack size exceeded/, plain],
  ['string length', /^Invalid string length/, plain],
  ['circular', /^Converting circular structure to JSON/, plain],
  [
    'bigint',
    /^(?:Cannot mix BigInt|Do not know how to serialize a BigInt|Cannot convert .{1,80} BigInt)/,
    plain,
  ],
  ['URI', /^URI malformed/, plain],
  [
    'JSON',
    /^(?:[\s\S]{0,400} in JSON at position \d|[\s\S]{0,400} is not valid JSON|Unexpected end of JSON input)/,
    () => json,
  ],
]

const early = { property: '', title: 'Cannot access a variable before initialization' }
const hidden = { property: '', title: 'Cannot access a private member of an object of another class' }
const uncalled = { property: '', title: "A class cannot be called without 'new'" }
const json = { property: '', title: 'What was parsed is not valid JSON' }

/** What the engine says of a fault, read from its message; undefined for a message of another kind. */
export function readEngineMessage(message: string): EngineMessage | undefined {
  const line = message.slice(0, 1000)
  for (const [kind, shape, read] of MESSAGES) {
    const match = shape.exec(line)
    if (match) return { kind, ...read(match) }
  }
  return undefined
}
