import type { JSX } from 'preact'
import type { Fault } from '../data/fault.js'
import { faultToMarkdown } from '../text/markdown.js'
import { formatExact } from '../text/time.js'
import { CopyButton } from './copy-button.js'
import { Traceback } from './traceback.js'

export function FaultDetail({ fault }: { fault: Fault }): JSX.Element {
  const facts: [string, string][] = [['When', formatExact(fault.at)], ...fault.facts]
  return (
    <div class="fault-detail">
      <Traceback link={fault} />
      {fault.causes.map((cause, index) => (
        <div key={`${index} ${cause.type}`} class="cause">
          <h3>Caused by</h3>
          <Traceback link={cause} />
        </div>
      ))}
      <dl class="facts">
        {facts.map(([label, value], index) => (
          <div key={`${index} ${label}`}>
            <dt>{label}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <CopyButton text={() => faultToMarkdown(fault)} label="Copy as Markdown" />
    </div>
  )
}
