import { type Health, listReader, reader, readHealth, readSeries, type Series } from './answers.js'
import { address, ask } from './client.js'
import type { Flow, Group, JobList, Listed, PageList, Release, UserList, Verdict } from './shapes.js'
import type { Filters } from './view.js'
import { LONGEST, stepFor, type Window } from './window.js'

/** What the panels ask of a window, all at once. */
export interface Answers {
  health: Health
  verdict: Verdict
  series: Series
  /** The same hours a week before. */
  before: Series
  flows: Listed<Flow>
  releases: Listed<Release>
  groups: Listed<Group>
  users: UserList
  jobs: JobList
  pages: PageList
}

export type QuestionName = keyof Answers

interface Question<T> {
  /** Where, with what the question itself says. */
  at(filters: Filters, window: Window): string
  read(answer: unknown): T
}

const WEEK = LONGEST

/** A bar is three pixels and more. */
function mostBuckets(): number {
  return innerWidth < 640 ? 72 : 100
}

function seriesAt(filters: Filters, window: Window, back: number, more: Record<string, string> = {}): string {
  const step = String(stepFor(window, mostBuckets()))
  return address('series', filters, { from: window.from - back, to: window.to - back }, { step, ...more })
}

function list<T extends { items: unknown[] }>(path: string, more: Record<string, string> = {}): Question<T> {
  return { at: (filters, window) => address(path, filters, window, more), read: listReader<T>() }
}

const QUESTIONS: { readonly [Name in QuestionName]: Question<Answers[Name]> } = {
  health: { at: () => 'api/v1/health', read: readHealth },
  verdict: {
    at: (filters, window) => address('verdict', filters, window),
    read: reader<Verdict>('sentence'),
  },
  series: { at: (filters, window) => seriesAt(filters, window, 0, { by: 'queue' }), read: readSeries },
  before: { at: (filters, window) => seriesAt(filters, window, WEEK), read: readSeries },
  flows: list('flows'),
  releases: list('releases'),
  groups: list('groups'),
  users: list('users', { affected: 'true' }),
  jobs: list('jobs'),
  pages: list('pages'),
}

export const NAMES = Object.keys(QUESTIONS) as QuestionName[]

export async function askQuestion<Name extends QuestionName>(
  name: Name,
  filters: Filters,
  window: Window,
  signal: AbortSignal,
): Promise<Answers[Name]> {
  const question = QUESTIONS[name]
  return question.read(await ask(question.at(filters, window), signal))
}
