import type { JSX } from 'preact'
import type { Answer } from '../data/feed.js'
import type { Verdict as VerdictAnswer } from '../data/shapes.js'
import { type Subject, withFilter } from '../data/view.js'
import { CopyButton } from '../parts/copy-button.js'
import { Link, Open } from '../parts/link.js'
import { Prose } from '../parts/prose.js'
import { TroubleLine } from '../parts/trouble-line.js'
import { Waiting } from '../parts/waiting.js'
import { usePlace } from '../place.js'
import { verdictToMarkdown } from '../text/markdown.js'
import { formatExact } from '../text/time.js'
import { wordsOf } from '../text/verdict.js'

interface VerdictProps {
  answer: Answer<VerdictAnswer> | undefined
}

/** The answer before everything else: what broke, since when, for whom. */
export function Verdict({ answer }: VerdictProps): JSX.Element {
  const verdict = answer?.value ?? null
  const tone = verdict ? wordsOf(verdict).tone : 'calm'
  return (
    <section
      class={`panel verdict tone-${tone}`}
      aria-labelledby="verdict-title"
      aria-busy={!verdict || answer?.stale}
    >
      {verdict ? <Said verdict={verdict} /> : <Silent answer={answer} />}
    </section>
  )
}

function Silent({ answer }: VerdictProps): JSX.Element {
  return (
    <>
      <h2 id="verdict-title" class="verdict-state">
        Verdict
      </h2>
      {answer?.trouble ? <TroubleLine trouble={answer.trouble} /> : <Waiting />}
    </>
  )
}

function Said({ verdict }: { verdict: VerdictAnswer }): JSX.Element {
  const { label } = wordsOf(verdict)
  return (
    <>
      <div class="verdict-head">
        <h2 id="verdict-title" class="verdict-state">
          {label}
        </h2>
        <p class="quiet">
          as of <time dateTime={verdict.as_of}>{formatExact(Date.parse(verdict.as_of), 0)}</time>
        </p>
        <CopyButton
          text={() => verdictToMarkdown(verdict)}
          label="Copy"
          name="Copy the verdict as Markdown"
        />
      </div>
      <p class="verdict-sentence">
        <Prose text={verdict.sentence} names={namesIn(verdict)} />
      </p>
      {verdict.evidence.length > 0 && (
        <ul class="evidence">
          {verdict.evidence.map((item, index) => (
            <li key={index}>
              <Prose text={item.text} names={namesIn(verdict)} />
            </li>
          ))}
        </ul>
      )}
      <Leads verdict={verdict} />
    </>
  )
}

function namesIn({ flow, job, user, release, previous_release, error }: VerdictAnswer): string[] {
  return [flow, job, user, release, previous_release, error?.title ?? null].filter(name => name !== null)
}

/** From the sentence to what it speaks of. */
function Leads({ verdict }: { verdict: VerdictAnswer }): JSX.Element | null {
  const { view } = usePlace()
  const { group, flow, user, release, previous_release } = verdict
  const leads: [label: string, subject: Subject][] = []
  if (group) leads.push(['The error', { kind: 'group', id: group }])
  if (flow) leads.push(['The flow', { kind: 'flow', id: flow }])
  if (user) leads.push(['The user', { kind: 'user', id: user }])
  if (release)
    leads.push([previous_release ? 'Compare the releases' : 'The release', { kind: 'release', id: release }])
  if (leads.length === 0) return null
  return (
    <p class="leads">
      {leads.map(([label, subject]) => (
        <Open key={label} subject={subject} class="lead">
          {label}
        </Open>
      ))}
      {flow && view.filters.flow !== flow && (
        <Link change={{ filters: withFilter(view.filters, 'flow', flow) }} class="lead">
          Only this flow
        </Link>
      )}
    </p>
  )
}
