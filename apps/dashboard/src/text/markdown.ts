import type { Fault, Link } from '../data/fault.js'
import type { Verdict } from '../data/shapes.js'
import type { Column } from '../parts/table.js'
import { reveal } from './hostile.js'
import { wordsOf } from './verdict.js'

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0)
}

/** A code span that no backtick or line feed of the text can end. */
function span(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1)
  const line = text.replace(/\s+/g, ' ')
  return ticks.length > 1 ? `${ticks} ${line} ${ticks}` : `${ticks}${line}${ticks}`
}

function block(text: string): string {
  const fence = '`'.repeat(Math.max(longestRun(text) + 1, 3))
  return `${fence}text\n${text}\n${fence}`
}

/** Prose that quotes what was sent: nothing in it is markup. */
function plain(text: string): string {
  return reveal(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|~#!&]/g, '\\$&')
}

function body(link: Link): string {
  return block(link.traceback || `${link.type}: ${link.message}`)
}

export function factsToMarkdown(facts: readonly (readonly [label: string, value: string])[]): string {
  return facts.map(([label, value]) => `- ${plain(label)}: ${span(value)}`).join('\n')
}

export function headingToMarkdown(text: string): string {
  return `### ${span(reveal(text))}`
}

/** A fault for an issue or a chat: all of its text is code, so that none of it is markup. */
export function faultToMarkdown(fault: Fault): string {
  const facts: [string, string][] = [['When', new Date(fault.at).toISOString()]]
  if (fault.place) facts.push([fault.job ? 'Job' : 'Where', fault.place])
  return [
    `### ${span(fault.message ? `${fault.type}: ${fault.message}` : fault.type)}`,
    factsToMarkdown([...facts, ...fault.facts]),
    body(fault),
    ...fault.causes.map(cause => `Caused by:\n\n${body(cause)}`),
  ].join('\n\n')
}

/** Rows for an issue or a chat; figures stand right. */
export function tableToMarkdown<T>(title: string, columns: readonly Column<T>[], rows: readonly T[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    `### ${plain(title)}`,
    '',
    line(columns.map(column => column.title)),
    line(columns.map(column => (column.figure ? '---:' : '---'))),
    ...rows.map(row => line(columns.map(column => plain(column.text(row))))),
  ].join('\n')
}

export function verdictToMarkdown(verdict: Verdict): string {
  return [
    `### ${wordsOf(verdict).label}`,
    plain(verdict.sentence),
    verdict.evidence.map(({ text }) => `- ${plain(text)}`).join('\n'),
    `As of ${verdict.as_of}`,
  ]
    .filter(Boolean)
    .join('\n\n')
}
