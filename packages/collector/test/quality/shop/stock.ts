import { empty, missing, other } from './data.js'

class NotFound extends Error {
  override name = 'NotFound'
  status = 404
}

class StockError extends Error {
  override name = 'StockError'
  code: string

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

interface Shelf {
  size: number
  boxes: Map<string, number>
}

/** A helper that several faults go through. */
function find<T>(kind: string, id: number, found: T | undefined): T {
  if (found === undefined) throw new NotFound(`${kind} ${id} not found`)
  return found
}

const shelf = (n: number): Shelf => find('Shelf', n, missing<Shelf | undefined>())
const box = (n: number): number => find('Box', n, missing<number | undefined>())
/** The same words from another place. */
function audit(n: number): Shelf {
  return find('Shelf', n, missing<Shelf | undefined>())
}

/** Bears the name of a function elsewhere. */
function validate(shelf: Shelf, n: number): void {
  if (shelf.size < n) throw new Error(`shelf ${n} is too small: ${shelf.size} of ${n}`)
}

function reserve(n: number): void {
  throw new StockError(`Unique constraint failed on shelf ${n}`, 'P2002')
}

function release(n: number, gone: boolean): void {
  throw new StockError(`Record ${n} cannot be changed`, gone ? 'P2025' : 'P2003')
}

async function refill(n: number): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
  try {
    validate({ size: 0, boxes: new Map() }, n)
  } catch (cause) {
    throw new Error(`refill ${n} failed`, { cause })
  }
}

async function order(n: number): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
  try {
    JSON.parse(`<html>${n}</html>`)
  } catch (cause) {
    throw new Error(`refill ${n} failed`, { cause })
  }
}

const depth = (shelf: { inner?: unknown }): number => 1 + depth(other(shelf.inner ?? shelf))

function isEven(n: number): boolean {
  return isOdd(n + 1)
}
function isOdd(n: number): boolean {
  return isEven(n + 1)
}

function count(boxes: number): number[] {
  return new Array(boxes)
}

function label(text: string, times: number): string {
  return text.repeat(times)
}

function price(value: number, digits: number): string {
  return value.toFixed(digits)
}

function freeze(n: number): void {
  const shelf = Object.freeze({ size: n })
  other<{ size: number }>(shelf).size = n + 1
}

function extend(n: number): void {
  other<Record<string, number>>(Object.preventExtensions({})).boxes = n
}

function unpack({ size }: Shelf): number {
  return size
}

function spread(boxes: Iterable<number>): number[] {
  const [first, ...rest] = boxes
  return rest.concat(first as number)
}

export const stockFaults = {
  shelf,
  box,
  audit,
  small: (n: number) => validate({ size: 1, boxes: new Map() }, n + 2),
  reserve,
  gone: (n: number) => release(n, true),
  bound: (n: number) => release(n, false),
  refill,
  order,
  depth: () => depth({}),
  parity: (n: number) => isEven(n),
  count: (n: number) => count(-n),
  label: (n: number) => label('x', -n),
  price: (n: number) => price(n, 200),
  freeze,
  extend,
  unpack: (n: number) => unpack(n % 2 ? missing() : empty()),
  spread: (n: number) => spread(other(n)),
}
