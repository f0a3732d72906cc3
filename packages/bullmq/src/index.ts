export type { TaskAnalytics, TaskOptions as JustAnalyticsOptions } from '@justanalytics/core/adapter'
export type { FlowProducerLike } from './flow.js'
export { instrumentQueue, type QueueLike } from './queue.js'
export { instrumentWorker, jobAnalytics, type WorkerLike } from './worker.js'
