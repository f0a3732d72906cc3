import { platform } from '#platform'
import { debugIdsOf } from '../event/debug-ids.js'
import { describeError, type ErrorFacts } from '../event/exception.js'
import { LIMITS } from '../event/limits.js'
import { eventName } from '../event/name.js'
import type { SecretTest } from '../event/redact.js'
import type { Cause, EventProperties, ExceptionProperties, Mechanism } from '../event/schema.js'
import { LANE } from '../queue/queue.js'
import type { Draft, Intake } from './intake.js'

/** The facts around an exception that its catcher knows. */
export interface Surroundings
  extends Partial<Omit<ExceptionProperties, keyof ErrorFacts | 'mechanism' | 'handled'>> {}

/** Captures a custom event. */
export function captureEvent(
  intake: Intake,
  sdk: string,
  event: string,
  custom: Record<string, unknown> | undefined,
  properties: EventProperties = {},
): void {
  intake.take({ event: eventName(event), lane: LANE.other, sdk, properties, custom })
}

/** What of an exception is not the error itself. */
export interface Sighting {
  readonly sdk: string
  readonly mechanism: Mechanism
  /** Default `true`; `false` where the process dies of it. */
  readonly handled?: boolean
  readonly surroundings?: Surroundings
  readonly custom?: Record<string, unknown> | undefined
  /** Errors seen on the way to this one; told among its causes. */
  readonly earlier?: readonly unknown[]
  readonly time?: number
}

/** Reports an error. */
export function captureError(intake: Intake, error: unknown, sighting: Sighting): void {
  intake.guard(() => {
    const { draft, facts } = exceptionDraft(error, sighting, intake.isSecret)
    intake.takeException(draft, facts)
  })
}

/** What reports an error, for who does not know yet whether it is to be reported. */
export function exceptionDraft(
  error: unknown,
  sighting: Sighting,
  isSecret: SecretTest,
): { draft: Draft; facts: ErrorFacts } {
  const { sdk, mechanism, handled = true, surroundings, custom, earlier, time } = sighting
  const facts = describeError(error, isSecret)
  const causes = [...(facts.causes ?? []), ...(earlier ?? []).map(one => asCause(one, isSecret))].slice(
    0,
    LIMITS.causes,
  )
  const properties: EventProperties = {
    path: null,
    method: null,
    duration_ms: null,
    ...surroundings,
    ...facts,
    ...(causes.length > 0 && { causes }),
    ...debugIdsOf({ ...facts, causes }, platform.debugIdOf),
    mechanism,
    handled,
  }
  const draft: Draft = { event: 'exception', lane: LANE.failure, sdk, properties, custom }
  return { draft: time === undefined ? draft : { ...draft, time }, facts }
}

function asCause(error: unknown, isSecret: SecretTest): Cause {
  const { exception_type, exception_message, traceback } = describeError(error, isSecret)
  return { exception_type, exception_message, traceback }
}
