import { Refusal } from '../errors.js'
import { moment } from '../store/schema.js'
import type { Parameter } from '../store/store.js'

const DAY = 86_400_000
const DEFAULT_LIMIT = 100
const MOST_LIMIT = 1000
const LONGEST_TEXT = 2048
/** Well within what the store can write. */
const LATEST = Date.UTC(2200)

/** The first value of each name; an empty one counts as not given. */
export type Search = (name: string) => string | undefined

export function expected(name: string, what: string, given: string): Refusal {
  const shown = given.length > 80 ? `${given.slice(0, 80)}…` : given
  return new Refusal(400, `Expected \`${name}\` to be ${what}, got ${JSON.stringify(shown)}.`)
}

export function readSearch(url: string): Search {
  const search = new URL(url).searchParams
  return name => {
    const value = search.get(name)?.toWellFormed()
    if (value === undefined || value === '') return undefined
    if (value.length > LONGEST_TEXT) throw expected(name, `at most ${LONGEST_TEXT} characters`, value)
    return value
  }
}

/** Milliseconds since the epoch; `from` is in the window, `to` is not. */
export interface Window {
  from: number
  to: number
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i

/** A moment as a parameter: ISO 8601, in UTC where it names no zone. */
export function readMoment(name: string, text: string): number {
  // A plus sign that was not encoded arrives as a blank.
  const iso = text.replace(/ (?=\d\d:?\d\d$)/, '+')
  const zoned = /T[\d:.]+$/i.test(iso) ? `${iso}Z` : iso
  const at = ISO.test(iso) && isDay(iso.slice(0, 10)) ? Date.parse(zoned) : Number.NaN
  if (!(at >= 0 && at < LATEST)) throw expected(name, 'a moment in ISO 8601 from 1970 to 2199', text)
  return at
}

/** `Date` takes the 30th of February for the 2nd of March. */
function isDay(date: string): boolean {
  const at = Date.parse(date)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

/** The last 24 hours unless said. */
export function readWindow(search: Search, now: number): Window {
  const end = search('to')
  const begin = search('from')
  // The event of this very millisecond is in the window.
  const to = end === undefined ? now + 1 : readMoment('to', end)
  const from = begin === undefined ? Math.max(0, to - DAY) : readMoment('from', begin)
  if (from >= to)
    throw expected('from', `before \`to\` (${new Date(to).toISOString()})`, begin ?? 'a day before it')
  return { from, to }
}

export function readLimit(search: Search): number {
  const text = search('limit')
  if (text === undefined) return DEFAULT_LIMIT
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > MOST_LIMIT) throw expected('limit', `a whole number from 1 to ${MOST_LIMIT}`, text)
  return limit
}

/** Conditions on the `events` table and the values they are bound to. */
export interface Condition {
  sql: string
  parameters: Record<string, Parameter>
}

/**
 * Not before the moment that a parameter holds. No event is received before it happens, so the partitions, which
 * are days of receipt, of earlier days hold none: they are not even opened.
 */
export function since(parameter: string): string {
  return `timestamp >= {${parameter}:DateTime64(3, 'UTC')} AND ${receivedSince(parameter)}`
}

/** What follows of it for the partitions alone. */
export function receivedSince(parameter: string): string {
  return `_partition_id >= toString(toYYYYMMDD({${parameter}:DateTime64(3, 'UTC')}))`
}

/** Between the moments that the parameters `from` and `to` hold. */
export const IN_WINDOW: string = `${since('from')} AND timestamp < {to:DateTime64(3, 'UTC')}`

export function inWindow({ from, to }: Window): Condition {
  return { sql: IN_WINDOW, parameters: { from: moment(from), to: moment(to) } }
}

/** `503`, or a class: `5xx`. */
export function readStatus(value: string): [number, number] {
  const digit = /^([1-5])xx$/i.exec(value)?.[1]
  if (digit !== undefined) return [Number(digit) * 100, Number(digit) * 100 + 99]
  if (/^[1-5]\d\d$/.test(value)) return [Number(value), Number(value)]
  throw expected('status', 'a status (503) or a class of them (5xx)', value)
}
