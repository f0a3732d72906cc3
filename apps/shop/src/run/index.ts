export { type AppManifest, type AppSettings, type RunningApp, startApp } from './app.js'
export { type Balancer, createBalancer } from './balancer.js'
export {
  checkExceptions,
  checkRequests,
  type Matched,
  matchRequests,
  mechanismOf,
  type Told,
} from './checks.js'
export { type OwnCollector, startCollector } from './collector.js'
export { createQuestions, type Questions, type ReleaseFigures } from './questions.js'
export { verifyExample } from './verify.js'
