import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What became of one case with one adapter. */
export interface Result {
  case: string
  result: 'pass' | 'cannot' | 'fail'
  /** Why it cannot. */
  reason?: string
}

/** `CONFORMANCE_REPORT`, or beside this package's sources. */
function reportFolder(): string {
  return process.env.CONFORMANCE_REPORT ?? join(import.meta.dirname, '..', 'artifacts')
}

/** One JSON file a framework, for {@link reportTable}. */
export function writeReport(name: string, results: readonly Result[]): void {
  const folder = reportFolder()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name.replace(/\W+/g, '-')}.json`)
  writeFileSync(file, `${JSON.stringify({ name, results }, null, 2)}\n`)
}

/** Cases by frameworks as a Markdown table, from the files of the last runs. */
export function reportTable(): string {
  const folder = reportFolder()
  const columns = readdirSync(folder)
    .filter(file => file.endsWith('.json'))
    .sort()
    .map(file => JSON.parse(readFileSync(join(folder, file), 'utf8')) as { name: string; results: Result[] })
  const names = [...new Set(columns.flatMap(column => column.results.map(result => result.case)))]
  const reasons: string[] = []
  const cell = (column: (typeof columns)[number], name: string): string => {
    const found = column.results.find(result => result.case === name)
    if (found?.result !== 'cannot') return found ? { pass: '✓', fail: '✗' }[found.result] : ''
    reasons.push(`${column.name}, ${name}: ${found.reason}`)
    return `– [${reasons.length}]`
  }
  const row = (cells: string[]): string => `| ${cells.join(' | ')} |`
  return [
    row(['case', ...columns.map(column => column.name)]),
    row(['---', ...columns.map(() => ':-:')]),
    ...names.map(name => row([name, ...columns.map(column => cell(column, name))])),
    ...(reasons.length > 0 ? ['', ...reasons.map((reason, index) => `${index + 1}. ${reason}`)] : []),
  ].join('\n')
}
