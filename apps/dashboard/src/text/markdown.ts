import type { Fault, Link } from '../data/fault.js'

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

function body(link: Link): string {
  return block(link.traceback || `${link.type}: ${link.message}`)
}

/** A fault for an issue or a chat: all of its text is code, so that none of it is markup. */
export function faultToMarkdown(fault: Fault): string {
  const facts: [string, string][] = [['When', new Date(fault.at).toISOString()]]
  if (fault.place) facts.push([fault.job ? 'Job' : 'Where', fault.place])
  return [
    `### ${span(fault.message ? `${fault.type}: ${fault.message}` : fault.type)}`,
    [...facts, ...fault.facts].map(([label, value]) => `- ${label}: ${span(value)}`).join('\n'),
    body(fault),
    ...fault.causes.map(cause => `Caused by:\n\n${body(cause)}`),
  ].join('\n\n')
}
