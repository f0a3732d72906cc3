import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Fault } from '../data/fault.js'
import type { Snapshot } from '../data/feed.js'
import { brief } from '../text/hostile.js'
import { formatAgo } from '../text/time.js'
import { FaultDetail } from './fault-detail.js'

interface ExceptionsProps {
  snapshot: Snapshot
  /** null where no more can be asked for. */
  onMore: (() => void) | null
}

export function Exceptions({ snapshot, onMore }: ExceptionsProps): JSX.Element {
  const { faults, more, at } = snapshot
  return (
    <section class="panel" aria-labelledby="exceptions-title">
      <div class="panel-head">
        <h2 id="exceptions-title">Latest exceptions</h2>
        {faults.length > 0 && (
          <p class="quiet">{more ? `the newest ${faults.length}` : faults.length} in this window</p>
        )}
      </div>
      {faults.length === 0 ? (
        <p class="quiet nothing">No exceptions in this window.</p>
      ) : (
        <ol class="faults">
          {faults.map(fault => (
            <FaultRow key={fault.id} fault={fault} ago={formatAgo(fault.at, at)} />
          ))}
        </ol>
      )}
      {more && onMore && (
        <button type="button" class="more" onClick={onMore}>
          Show more
        </button>
      )}
    </section>
  )
}

function FaultRow({ fault, ago }: { fault: Fault; ago: string }): JSX.Element {
  const [open, setOpen] = useState(false)
  return (
    <li class="fault">
      <details onToggle={event => setOpen(event.currentTarget.open)}>
        <summary class="fault-head">
          <span class="fault-title">
            <bdi class="fault-type">{brief(fault.type, 120)}</bdi>{' '}
            <bdi class="fault-message">{brief(fault.message, 300)}</bdi>
          </span>
          <span class="fault-meta">
            {fault.place && <bdi class="fault-place">{brief(fault.place, 200)}</bdi>}
            {fault.release && <bdi class="tag">{brief(fault.release, 60)}</bdi>}
            {fault.user && <bdi class="fault-user">user {brief(fault.user, 60)}</bdi>}
            <time dateTime={new Date(fault.at).toISOString()}>{ago}</time>
          </span>
        </summary>
        {open && <FaultDetail fault={fault} />}
      </details>
    </li>
  )
}
