/** How names (flows, releases, jobs, errors) are set in a text: as they are, or as code in Markdown. */
export type Name = (text: string) => string

export const plain: Name = text => text

/** Markdown's code, whatever is in it: the fence is longer than any run of backticks inside. */
export const code: Name = text => {
  const line = text.replace(/\s+/g, ' ').trim()
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return line === '' ? '' : fence + pad + line + pad + fence
}

/** `412`, `1,083`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-GB')
}

/** `1 user`, `127 users`. */
export function counted(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${Math.round(value) === 1 ? one : many}`
}

/** `38 %`, `0.4 %`, `0.02 %`; what is not 0 is never shown as it. */
export function percent(rate: number): string {
  const value = rate * 100
  if (value === 0) return '0 %'
  if (value < 0.01) return 'under 0.01 %'
  const digits = value >= 10 ? 0 : value >= 0.1 ? 1 : 2
  return `${Number(value.toFixed(digits))} %`
}

/** `03:02 UTC`; of another day than the one that is spoken of, `21 November, 03:02 UTC`. */
export function clock(at: number, day: number): string {
  const moment = new Date(at)
  const time = `${moment.toISOString().slice(11, 16)} UTC`
  if (moment.toISOString().slice(0, 10) === new Date(day).toISOString().slice(0, 10)) return time
  const date = moment.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })
  return `${date}, ${time}`
}
