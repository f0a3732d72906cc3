import type { Parameter } from './store.js'

/** `{name:Type}`, as the engine has it. */
const PLACEHOLDER = /\{(\w+):([^{}]+)\}/g

/**
 * Puts values into a statement's placeholders. The engine's own binding holds one set of values a process, so that
 * two statements would have to wait for each other. A text goes in as its bytes in hexadecimal digits: whatever it
 * says, there is no way for it to become SQL.
 * @throws {Error} for a placeholder without a value
 */
export function bind(sql: string, parameters: Readonly<Record<string, Parameter>>): string {
  return sql.replaceAll(PLACEHOLDER, (_, name: string, type: string) => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (value === undefined) throw new Error(`The placeholder ${name} has no value.`)
    return type === 'String'
      ? text(String(value))
      : `CAST(${literal(value)}, '${type.replaceAll("'", "\\'")}')`
  })
}

function literal(value: Parameter): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? text(value) : `[${value.map(text).join(', ')}]`
}

function text(value: string): string {
  return `unhex('${Buffer.from(value).toString('hex')}')`
}
