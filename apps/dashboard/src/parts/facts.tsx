import type { JSX } from 'preact'
import type { Kind } from '../data/view.js'
import { brief } from '../text/hostile.js'
import { Open } from './link.js'

/** What leads on, by its label. */
const LEADS: Readonly<Record<string, Kind>> = {
  User: 'user',
  Visitor: 'user',
  Release: 'release',
  'Enqueued by release': 'release',
  'Request id': 'request',
}

interface FactsProps {
  facts: readonly (readonly [label: string, value: string])[]
  /** What the drawer is about leads nowhere. */
  self?: string
}

/** What is known of one thing. */
export function Facts({ facts, self }: FactsProps): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([label, value], index) => {
        const kind = Object.hasOwn(LEADS, label) && value !== self ? LEADS[label] : undefined
        return (
          <div key={`${index} ${label}`}>
            <dt>{brief(label, 80)}</dt>
            <dd>
              {kind ? (
                <Open subject={{ kind, id: value }}>
                  <bdi>{value}</bdi>
                </Open>
              ) : (
                <bdi>{value}</bdi>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
