/**
 * Proves that the shop next door is told as it is: starts a collector and
 * server.ts, sends it visitors, and compares what they did with what is stored.
 *
 *     npx tsx verify.ts
 */
import { verifyExample } from '@justanalytics/shop/run'
import { manifest } from './manifest.js'

await verifyExample(manifest, 'hono')
