/**
 * The shop's worker: it mails receipts and takes orders off the shelf, and tells JustAnalytics what
 * becomes of each attempt. The jobs come from `apps/fastify-example`, with the same `REDIS_URL`.
 *
 *     JUSTANALYTICS_SITE_ID=… JUSTANALYTICS_API_KEY=… \
 *     JUSTANALYTICS_ENDPOINT=http://127.0.0.1:4100/v1/events \
 *     REDIS_URL=redis://127.0.0.1:6379 npx tsx worker.ts
 */
import { instrumentWorker, jobAnalytics } from '@justanalytics/bullmq'
import { createAnalytics } from '@justanalytics/core'
import { createBackOffice, JOBS, type Order } from '@justanalytics/shop'
import { type Job, Worker } from 'bullmq'

const office = createBackOffice({ release: process.env.SHOP_RELEASE })
const connection = { url: process.env.REDIS_URL || 'redis://127.0.0.1:6379' }

// Site, key and endpoint come from the environment; both workers share the client.
const client = createAnalytics({ release: office.release.name })

const receipts = new Worker(JOBS.receipt.queue, (job: Job<Order>) => office.sendReceipt(job.data), {
  connection,
  concurrency: 5,
})

const stock = new Worker(
  JOBS.stock.queue,
  async (job: Job<Order>) => {
    for (const level of await office.takeStock(job.data)) {
      // It carries the job, and the request and the user that the job comes from.
      jobAnalytics(job).capture('stock_low', { ...level })
    }
  },
  { connection, concurrency: 5 },
)

const workers = [receipts, stock]
for (const worker of workers) {
  instrumentWorker(worker, { client })
  worker.on('error', error => console.error(error.message))
}

// Closing lets the jobs under way end; then what is left is delivered.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await Promise.all(workers.map(worker => worker.close()))
    await client.close()
  })
}

await Promise.all(workers.map(worker => worker.waitUntilReady()))
console.log(`The worker (${office.release.name}) waits for jobs at ${connection.url}`)
