export { type Collector, type CreatedKey, createCollector } from './collector.js'
export { CollectorError } from './errors.js'
export type { CollectorOptions } from './options.js'
