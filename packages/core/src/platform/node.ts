import { hostname } from 'node:os'
import { watchProcess } from '../life.js'
import { postNow } from '../transport/post-now.js'
import { DiskSpool } from '../transport/spool/disk-spool.js'
import { createUndiciTransport } from '../transport/undici.js'
import { crypto } from './builtins.js'
import { debugIdOf } from './debug-id.js'
import type { Platform } from './platform.js'

export const platform: Platform = {
  onDemand: false,
  requestsLast: true,
  variables: () => process.env,
  hostName: hostname,
  debugIdOf,
  hmacSha256: (key, text) => crypto().createHmac('sha256', key).update(text).digest(),
  createTransport: createUndiciTransport,
  watchProcess,
  postNow,
  openSpool: (settings, parts) => new DiskSpool(settings, parts),
}
