import type { JSX } from 'preact'
import { passes, type Trouble } from '../data/client.js'

interface TroubleLineProps {
  trouble: Trouble
  /** What it means that the collector knows nothing by that name. */
  absent?: string
}

/** Why there is no answer, where the answer would be. */
export function TroubleLine({
  trouble,
  absent = 'This collector does not answer that question.',
}: TroubleLineProps): JSX.Element {
  const { kind, reason } = trouble
  return (
    <p class="trouble" role="status">
      {kind === 'absent' ? absent : kind === 'unreachable' ? 'The collector cannot be reached.' : reason}
      {passes(trouble) && ' Trying again by itself.'}
    </p>
  )
}
