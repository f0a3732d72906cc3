import * as six from 'bullmq'
import * as five from 'bullmq-5'
import { expectTypeOf } from 'vitest'
import { instrumentQueue, instrumentWorker, jobAnalytics, type TaskAnalytics } from '../src/index.js'

// Checked by the compiler alone (`pnpm types`).

interface Order {
  number: number
}
const connection = { host: '127.0.0.1', port: 6379 }

instrumentQueue(new five.Queue('receipts', { connection }))
instrumentQueue(new five.Queue<Order, string, 'print'>('receipts', { connection }), { release: 'one' })
instrumentQueue(new five.FlowProducer({ connection }))
instrumentWorker(new five.Worker('receipts', async () => {}, { connection }))
instrumentWorker(
  new five.Worker<Order, string, 'print'>('receipts', async job => String(job.data.number), { connection }),
  { service: 'shop' },
)

instrumentQueue(new six.Queue('receipts', { connection }))
instrumentQueue(new six.Queue<Order, string, 'print'>('receipts', { connection }), { release: 'one' })
instrumentQueue(new six.FlowProducer({ connection }))
instrumentWorker(new six.Worker('receipts', async () => {}, { connection }))
instrumentWorker(
  new six.Worker<Order, string, 'print'>(
    'receipts',
    async job => {
      expectTypeOf(jobAnalytics(job)).toEqualTypeOf<TaskAnalytics>()
      return String(job.data.number)
    },
    { connection },
  ),
  { service: 'shop' },
)

declare const queue: six.Queue
declare const worker: six.Worker
// @ts-expect-error no such option
instrumentWorker(worker, { user: () => 7 })
// @ts-expect-error a wrong value
instrumentQueue(queue, { flushAt: 'often' })
// @ts-expect-error no worker
instrumentWorker(queue.opts)
// @ts-expect-error not a job's id
jobAnalytics('42')
