import type { StoredEvent } from '../data/answers.js'
import { readAttempt, readFault } from '../data/fault.js'
import type { Comparison, Flow, GroupAnswer, Job, JobAnswer, RequestAnswer } from '../data/shapes.js'
import { factsOf, placeOf, text } from '../data/told.js'
import { factsToMarkdown, faultToMarkdown, headingToMarkdown, tableToMarkdown } from '../text/markdown.js'
import { COMPARED_COLUMNS, factsOfFlow } from './columns.js'

function attemptsToMarkdown(job: Job): string[] {
  return job.attempts.map(attempt =>
    attempt.state === 'failed'
      ? faultToMarkdown(readAttempt(attempt))
      : factsToMarkdown([[`Attempt ${attempt.attempt ?? ''} done`, attempt.timestamp]]),
  )
}

function nameOf(job: Job): string {
  return [job.task_name ?? 'job', job.queue && `in ${job.queue}`, job.id].filter(Boolean).join(' ')
}

export function requestToMarkdown(answer: RequestAnswer, id: string): string {
  const { request, exceptions, jobs } = answer
  return [
    headingToMarkdown((request && placeOf(request.properties)) ?? `request ${id}`),
    request && factsToMarkdown([['When', request.timestamp], ...factsOf(request)]),
    ...exceptions.map(event => faultToMarkdown(readFault(event))),
    ...jobs.flatMap(job => [headingToMarkdown(nameOf(job)), ...attemptsToMarkdown(job)]),
  ]
    .filter(Boolean)
    .join('\n\n')
}

export function jobToMarkdown(job: JobAnswer): string {
  const cause = job.request && placeOf(job.request.properties)
  return [
    headingToMarkdown(nameOf(job)),
    factsToMarkdown([['State', job.state], ...(cause ? ([['Caused by', cause]] as const) : [])]),
    ...attemptsToMarkdown(job),
  ].join('\n\n')
}

export function groupToMarkdown({ group, occurrences, releases }: GroupAnswer): string {
  const facts: [string, string | null][] = [
    ['In', group.culprit],
    ['Times', String(group.count)],
    ['Users', String(group.users)],
    ['Flows', group.flows.join(', ')],
    ['First seen', group.first_seen],
    ['Last seen', group.last_seen],
    ['Releases', releases.map(({ release }) => release).join(', ')],
  ]
  const newest = occurrences.items[0]
  return [
    headingToMarkdown(group.title),
    factsToMarkdown(facts.flatMap(([label, value]) => (value ? [[label, value] as const] : []))),
    newest && faultToMarkdown(readFault(newest.event)),
  ]
    .filter(Boolean)
    .join('\n\n')
}

export function flowToMarkdown(id: string, flow: Flow | undefined): string {
  return [headingToMarkdown(id), flow && factsToMarkdown(factsOfFlow(flow))].filter(Boolean).join('\n\n')
}

export function comparisonToMarkdown(comparison: Comparison): string {
  const { a, b } = comparison
  return [
    headingToMarkdown(`${a.release} and ${b.release}`),
    ...(['new', 'grown', 'same', 'gone'] as const)
      .filter(part => comparison[part].length > 0)
      .map(part => tableToMarkdown(part, COMPARED_COLUMNS, comparison[part])),
  ].join('\n\n')
}

export function stepsToMarkdown(who: string, events: readonly StoredEvent[]): string {
  const columns = [
    { title: 'When', text: ({ timestamp }: StoredEvent) => timestamp },
    { title: 'What', text: ({ event }: StoredEvent) => event },
    { title: 'Where', text: ({ properties }: StoredEvent) => placeOf(properties) ?? '' },
    { title: 'Status', text: ({ properties }: StoredEvent) => text(properties.status_code) ?? '' },
    { title: 'Error', text: ({ properties }: StoredEvent) => text(properties.exception_message) ?? '' },
  ]
  return tableToMarkdown(who, columns, events)
}
