import type { ComponentChildren, JSX } from 'preact'
import type { Asked } from '../use-answer.js'
import { TroubleLine } from './trouble-line.js'
import { Waiting } from './waiting.js'

interface AskedViewProps<T> {
  asked: Asked<T>
  /** What it means that the collector knows nothing by that name. */
  absent: string
  children(value: T): ComponentChildren
}

/** What a drawer's own question brought; or that it is on its way; or why there is nothing. */
export function AskedView<T>({ asked, absent, children }: AskedViewProps<T>): JSX.Element {
  const { value, trouble } = asked
  return (
    <>
      {trouble && <TroubleLine trouble={trouble} absent={absent} />}
      {value !== null ? children(value) : !trouble && <Waiting />}
    </>
  )
}
