import type { JSX } from 'preact'
import type { Fault } from '../data/fault.js'
import type { Stacks } from '../data/shapes.js'
import { Traceback } from './traceback.js'

interface FaultProps {
  fault: Fault
  /** The same stacks as the collector took them apart. */
  stacks?: Stacks | undefined
}

/** An error with its stack and those of its causes. */
export function FaultView({ fault, stacks }: FaultProps): JSX.Element {
  return (
    <div class="fault">
      <Traceback link={fault} frames={stacks?.frames} />
      {fault.causes.map((cause, index) => (
        <div key={`${index} ${cause.type}`} class="cause">
          <h4>Caused by</h4>
          <Traceback link={cause} frames={stacks?.causes[index]?.frames} />
        </div>
      ))}
    </div>
  )
}
