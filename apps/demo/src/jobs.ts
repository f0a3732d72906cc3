import { setTimeout as wait } from 'node:timers/promises'
import { type JobCounts, openLedger } from '@justanalytics/bullmq-example/ledger'
import type { AnalyticsEvent } from '@justanalytics/core/event'
import { type OwnRedis, type Questions, startRedis } from '@justanalytics/shop/run'

/** Where the shop's jobs are, for as long as the demo runs. */
export interface JobStore {
  /** Of its Redis. */
  url: string
  /** What there was of jobs, once none is left to do or patience is at its end. */
  settled(): Promise<JobCounts>
  close(): Promise<void>
}

const LOOK_EVERY = 100
const PATIENCE = 60_000

/** @param program the path of a Redis */
export async function openJobStore(program: string): Promise<JobStore> {
  const redis: OwnRedis = await startRedis(program)
  const ledger = openLedger(redis.url)
  return {
    url: redis.url,

    async settled() {
      const end = performance.now() + PATIENCE
      let counts = await ledger.count()
      while (counts.open > 0 && performance.now() < end) {
        await wait(LOOK_EVERY)
        counts = await ledger.count()
      }
      return counts
    },

    async close() {
      await ledger.close().finally(() => redis.stop())
    },
  }
}

/** What was told of the jobs since a moment, held against what Redis knows of them. */
export interface JobFindings {
  made: number
  stored: number
  /** The failures among them, each attempt its own. */
  failures: AnalyticsEvent[]
  problems: string[]
}

export async function lookAtJobs(
  { attempts, finished, open }: JobCounts,
  questions: Questions,
  from: Date,
): Promise<JobFindings> {
  const failures = await questions.events('task_failed', from)
  const completed = await questions.events('task_completed', from)
  const ends = [...completed, ...failures.filter(({ properties }) => properties.final)]
  const jobs = new Set(ends.map(({ properties }) => `${properties.queue} ${properties.task_id}`))
  const stored = completed.length + failures.length
  return {
    made: attempts,
    stored,
    failures,
    problems: [
      ...(open > 0 ? [`${open} jobs are not done`] : []),
      ...(stored === attempts ? [] : [`${attempts} attempts at jobs were made, ${stored} are stored`]),
      ...(ends.length === finished
        ? []
        : [`${finished} jobs came to an end, ${ends.length} ends are stored`]),
      ...(jobs.size === ends.length ? [] : [`${ends.length - jobs.size} jobs ended twice`]),
    ],
  }
}
