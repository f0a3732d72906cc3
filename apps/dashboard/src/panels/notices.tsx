import type { JSX } from 'preact'
import { passes, type Trouble, type TroubleKind } from '../data/client.js'
import { CopyButton } from '../parts/copy-button.js'
import { formatCount } from '../text/numbers.js'
import { formatClock } from '../text/time.js'

const WORDS: Record<TroubleKind, string> = {
  unreachable: 'The collector cannot be reached.',
  slow: 'The collector is very busy.',
  failed: 'The collector could not answer.',
  denied: 'The collector wants its page token: open the address that it printed when it started.',
  absent: 'There is no collector at this address.',
  refused: 'The collector did not take the question.',
}

interface TroubledProps {
  trouble: Trouble
  /** When the last answer came, null if there was none. */
  since: number | null
  onRetry(): void
}

export function Troubled({ trouble, since, onRetry }: TroubledProps): JSX.Element {
  return (
    <div class="notice notice-bad" role="alert">
      <p>
        <strong>{WORDS[trouble.kind]}</strong> {passes(trouble) && 'Trying again by itself. '}
        {since !== null && `What is shown is from ${formatClock(since, 1000)}. `}
        <span class="notice-reason">{trouble.reason}</span>
      </p>
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  )
}

/** The last insert did not become durable: the SDKs hold and repeat what was not taken. */
export function Failing(): JSX.Element {
  return (
    <div class="notice notice-bad" role="alert">
      <p>
        <strong>The collector cannot store what arrives.</strong> Its log says why; the newest events are
        missing here.
      </p>
    </div>
  )
}

export function Incomplete({ dropped }: { dropped: number }): JSX.Element {
  return (
    <div class="notice notice-warn" role="status">
      <p>
        <strong>These figures are incomplete.</strong> The applications report{' '}
        {dropped > 0 ? `${formatCount(dropped)} events` : 'events'} that were lost before they could be sent.
      </p>
    </div>
  )
}

/** For a collector that has never stored an event: what to paste into an application. */
export function FirstSteps(): JSX.Element {
  const lines = [
    `export JUSTANALYTICS_ENDPOINT=${new URL('v1/events', document.baseURI)}`,
    'export JUSTANALYTICS_SITE_ID=…',
    'export JUSTANALYTICS_API_KEY=…',
  ].join('\n')
  const register = [
    "import justanalytics from '@justanalytics/fastify'",
    '',
    'await app.register(justanalytics)',
  ].join('\n')
  return (
    <section class="panel first" aria-labelledby="first-title">
      <h2 id="first-title">Waiting for the first event</h2>
      <p>
        Start your application with these three lines. The collector printed the site and the key when it
        first started; <code>justanalytics-collector keys create --site NAME</code> makes another pair.
      </p>
      <Sample text={lines} label="environment" />
      <p>and register the plugin, here Fastify's:</p>
      <Sample text={register} label="code" />
      <p class="quiet">This page shows the first request within a second of its arrival.</p>
    </section>
  )
}

function Sample({ text, label }: { text: string; label: string }): JSX.Element {
  return (
    <div class="sample">
      <pre>{text}</pre>
      <CopyButton text={() => text} label={`Copy the ${label}`} />
    </div>
  )
}
