import * as six from 'bullmq'
import * as five from 'bullmq-5'

export type BullMQ = typeof six

/** Both majors under the types of the newer; whether those of the older fit is seen in types.test-d.ts. */
export const majors: readonly [string, BullMQ][] = [
  ['BullMQ 5', five as unknown as BullMQ],
  ['BullMQ 6', six],
]
