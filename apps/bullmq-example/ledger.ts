import { JOBS } from '@justanalytics/shop'
import { Queue } from 'bullmq'

/** The shop's jobs as Redis knows them, to compare with what was told. */
export interface Ledger {
  count(): Promise<JobCounts>
  close(): Promise<void>
}

export interface JobCounts {
  /** Completed, or failed for good. */
  finished: number
  /** Waiting, delayed or under way. */
  open: number
  /** Attempts that have ended, of all jobs. */
  attempts: number
}

const FINISHED = ['completed', 'failed'] as const
const OPEN = ['waiting', 'active', 'delayed', 'prioritized'] as const

/** @param redis its URL */
export function openLedger(redis: string): Ledger {
  const queues = Object.values(JOBS).map(({ queue }) => new Queue(queue, { connection: { url: redis } }))
  const list = async (states: readonly ((typeof FINISHED)[number] | (typeof OPEN)[number])[]) =>
    (await Promise.all(queues.map(queue => queue.getJobs([...states])))).flat()

  return {
    async count() {
      // In this order: a job that ends in between is counted twice rather than not at all.
      const open = await list(OPEN)
      const finished = await list(FINISHED)
      const attempts = [...open, ...finished].reduce((sum, job) => sum + job.attemptsMade, 0)
      return { finished: finished.length, open: open.length, attempts }
    },

    async close() {
      await Promise.all(queues.map(queue => queue.close()))
    },
  }
}
