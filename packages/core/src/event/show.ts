import { cut } from './text.js'

/** A value that was not expected, in a few characters. */
export function show(value: unknown): string {
  if (typeof value === 'string') return cut(JSON.stringify(value.slice(0, 60)), 50)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value !== null ? 'an object' : cut(String(value), 50)
}
