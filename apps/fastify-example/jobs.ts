import { instrumentQueue } from '@justanalytics/bullmq'
import type { Analytics } from '@justanalytics/core'
import { JOBS, type Order } from '@justanalytics/shop'
import { type DefaultJobOptions, Queue } from 'bullmq'

/** What is to be done about an order, left to the worker in `apps/bullmq-example`. */
export interface Jobs {
  enqueue(order: Order): Promise<void>
  close(): Promise<void>
}

const TRIES: DefaultJobOptions = { attempts: 3, backoff: { type: 'exponential', delay: 200 } }
const KEPT: DefaultJobOptions = { removeOnComplete: { age: 3_600 }, removeOnFail: { age: 86_400 } }

/**
 * Resolves once Redis is there.
 * @param redis its URL
 */
export async function openJobs(redis: string, client: Analytics): Promise<Jobs> {
  const options = {
    // A visitor who pays does not wait for a Redis that has gone away.
    connection: { url: redis, enableOfflineQueue: false, maxRetriesPerRequest: 1 },
    defaultJobOptions: { ...TRIES, ...KEPT },
  }
  const receipts = new Queue<Order>(JOBS.receipt.queue, options)
  const stock = new Queue<Order>(JOBS.stock.queue, options)
  const queues = [receipts, stock]
  for (const queue of queues) {
    // From here on a job carries the request that it is enqueued in.
    instrumentQueue(queue, { client })
    queue.on('error', error => console.error(error.message))
  }
  await Promise.all(queues.map(queue => queue.waitUntilReady()))
  return {
    async enqueue(order) {
      await Promise.all([receipts.add(JOBS.receipt.name, order), stock.add(JOBS.stock.name, order)])
    },

    async close() {
      await Promise.all(queues.map(queue => queue.close()))
    },
  }
}
