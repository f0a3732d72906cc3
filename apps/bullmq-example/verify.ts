/**
 * Proves that the thread holds: starts a collector, a Redis, the shop in `apps/fastify-example` and worker.ts,
 * pays for a cart, and follows it from the page to the job that failed, and back.
 *
 *     npx tsx verify.ts
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { startRedis, verifyParts } from '@justanalytics/shop/run'
import { PARTS } from './verify/parts.js'

/** Finds it, or installs it where this is root on Debian, or says in one line what to install. */
const needs = join(import.meta.dirname, '../../scripts/needs.mjs')
const program = execFileSync(process.execPath, [needs, 'redis-server'], { encoding: 'utf8' }).trim()

const redis = await startRedis(program)
try {
  await verifyParts('bullmq-example', PARTS, collector => ({ collector, redis: redis.url }))
} finally {
  await redis.stop()
}
