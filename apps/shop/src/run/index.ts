export {
  type AppManifest,
  type AppSettings,
  type Running,
  type RunningApp,
  startApp,
  startWorker,
} from './app.js'
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
export {
  createQuestions,
  type JobStory,
  type Questions,
  type RequestStory,
  type VerdictAnswer,
} from './questions.js'
export { type OwnRedis, startRedis } from './redis.js'
export { verifyExample, verifyParts } from './verify.js'
