import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { listReader } from '../data/answers.js'
import { address, ask } from '../data/client.js'
import { serverNow } from '../data/clock.js'
import type { Act, Group, GroupAnswer, Listed } from '../data/shapes.js'
import { DAY } from '../data/window.js'
import { currentWindow, usePlace } from '../place.js'
import { brief, reveal } from '../text/hostile.js'
import { formatMoment } from '../text/time.js'
import { useAnswer } from '../use-answer.js'

type Wish =
  | { act: 'resolve' | 'reopen' | 'split' | 'undo' }
  | { act: 'mute'; until?: string }
  | { act: 'merge'; into: string }

const DONE: Record<Act['act'], string> = {
  resolve: 'Resolved',
  mute: 'Muted',
  merge: 'Merged',
  split: 'Split',
  reopen: 'Opened again',
  undo: 'Undone',
}

interface GroupActsProps {
  answer: GroupAnswer
  /** Something was changed: ask again. */
  onDone(): void
}

/** What can be done about a group, and how to take the last of it back. */
export function GroupActs({ answer: { group, acts }, onDone }: GroupActsProps): JSX.Element {
  const [trouble, setTrouble] = useState<string | null>(null)
  const [merging, setMerging] = useState(false)
  const { renew } = usePlace()
  const last = acts.find(({ undone, act }) => !undone && act !== 'undo')

  const act = async (id: string, wish: Wish) => {
    try {
      await ask(`api/v1/groups/${encodeURIComponent(id)}`, new AbortController().signal, wish)
      setTrouble(null)
      setMerging(false)
    } catch (error) {
      setTrouble(String(error instanceof Error ? error.message : error))
    }
    onDone()
    renew()
  }
  const button = (label: string, wish: Wish, id = group.id) => (
    <button key={`${label} ${id}`} type="button" onClick={() => act(id, wish)}>
      {label}
    </button>
  )

  return (
    <section class="drawer-section acts" aria-label="What to do about it">
      <div class="act-buttons">
        {group.status === 'open' ? (
          <>
            {button('Resolve', { act: 'resolve' })}
            {button('Mute', { act: 'mute' })}
            {button('Mute for a day', { act: 'mute', until: new Date(serverNow() + DAY).toISOString() })}
          </>
        ) : (
          button('Open again', { act: 'reopen' })
        )}
        <button type="button" aria-expanded={merging} onClick={() => setMerging(!merging)}>
          Merge into…
        </button>
        {group.merged.map(id => button(`Split ${id.slice(0, 11)} off`, { act: 'split' }, id))}
      </div>
      {merging && <MergeForm group={group} onChoose={into => act(group.id, { act: 'merge', into })} />}
      {last && (
        <p class="act-last" role="status">
          {DONE[last.act]} {formatMoment(Date.parse(last.at))}
          {last.until && `, until ${formatMoment(Date.parse(last.until))}`}. {button('Undo', { act: 'undo' })}
        </p>
      )}
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
    </section>
  )
}

const readGroups = listReader<Listed<Group>>()

interface MergeFormProps {
  group: Group
  onChoose(into: string): void
}

function MergeForm({ group, onChoose }: MergeFormProps): JSX.Element {
  const { view } = usePlace()
  const [path] = useState(() => address('groups', view.filters, currentWindow(view)))
  const others = useAnswer(path, readGroups).value?.items.filter(({ id }) => id !== group.id) ?? []
  const [into, setInto] = useState('')
  return (
    <form
      class="merge"
      onSubmit={event => {
        event.preventDefault()
        if (into) onChoose(into)
      }}
    >
      <label>
        <span class="unseen">The error to merge into</span>
        <select value={into} onChange={event => setInto(event.currentTarget.value)}>
          <option value="">Choose the other error…</option>
          {others.map(({ id, title, culprit }) => (
            <option key={id} value={id}>
              {reveal(brief(culprit ? `${title} in ${culprit}` : title, 90))}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" disabled={!into}>
        Merge
      </button>
    </form>
  )
}
