import type { Verdict, VerdictState } from '../data/shapes.js'
import type { View } from '../data/view.js'

/** How bad it is: what the colour says, never alone. */
export type Tone = 'bad' | 'warn' | 'good' | 'calm'

interface Words {
  label: string
  tone: Tone
}

const WORDS: Record<VerdictState, Words> = {
  deploy_suspect: { label: 'A deploy is suspect', tone: 'bad' },
  external: { label: 'Looks external', tone: 'bad' },
  one_user: { label: 'One user or bot', tone: 'warn' },
  old_error_grew: { label: 'An old error grew', tone: 'bad' },
  traffic_up: { label: 'Traffic is up', tone: 'warn' },
  jobs_only: { label: 'Only jobs fail', tone: 'bad' },
  quiet: { label: 'Quiet', tone: 'good' },
  not_enough_data: { label: 'Not enough data', tone: 'calm' },
  data_incomplete: { label: 'Data incomplete', tone: 'warn' },
}

export function wordsOf({ state, strength, recovered_at }: Verdict): Words {
  const words = WORDS[state] ?? { label: String(state), tone: 'calm' }
  if (recovered_at) return { label: `${words.label}, recovered`, tone: 'warn' }
  return state === 'deploy_suspect' && strength === 'weak'
    ? { label: 'A deploy may be behind it', tone: 'warn' }
    : words
}

/** What a tab among many says. */
export function titleOf(verdict: Verdict | null, view: View): string {
  const site = view.filters.site ? `${view.filters.site} · ` : ''
  return verdict ? `${wordsOf(verdict).label} · ${site}JustAnalytics` : `${site}JustAnalytics`
}

/** A run of a sentence: as it is, a name of something, or a share. */
export interface Run {
  kind: 'text' | 'name' | 'share'
  text: string
}

const SHARE = /(\d[\d.,]* %)/

/** A sentence taken apart where one of these names stands, the longest of them first. */
export function runsOf(sentence: string, names: readonly string[]): Run[] {
  const [name, ...others] = names.filter(Boolean).sort((a, b) => b.length - a.length)
  if (name === undefined)
    return sentence
      .split(SHARE)
      .map((text, index): Run => ({ kind: index % 2 === 1 ? 'share' : 'text', text }))
      .filter(({ text }) => text !== '')
  return sentence.split(name).flatMap((part, index) => {
    const runs = runsOf(part, others)
    return index === 0 ? runs : [{ kind: 'name', text: name }, ...runs]
  })
}
