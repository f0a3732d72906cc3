import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { manifest as bullmq } from '@justanalytics/bullmq-example/manifest'
import { manifest as express } from '@justanalytics/express-example/manifest'
import { manifest as fastify } from '@justanalytics/fastify-example/manifest'
import { manifest as hono } from '@justanalytics/hono-example/manifest'
import { manifest as koa } from '@justanalytics/koa-example/manifest'
import type { AppManifest } from '@justanalytics/shop/run'

/** Every example application; a new one is added here. */
export const APPS: readonly AppManifest[] = [fastify, koa, express, hono]

/** Every worker that does what the applications leave to it. */
export const WORKERS: readonly AppManifest[] = [bullmq]

/** Those that can run on this machine, and what the others miss. */
export function sortApps(
  apps: readonly AppManifest[],
  has: (program: string) => boolean = isOnPath,
): { ready: AppManifest[]; leftOut: { name: string; missing: string[] }[] } {
  const checked = apps.map(app => ({ app, missing: app.needs.filter(program => !has(program)) }))
  return {
    ready: checked.filter(({ missing }) => missing.length === 0).map(({ app }) => app),
    leftOut: checked
      .filter(({ missing }) => missing.length > 0)
      .map(({ app, missing }) => ({ name: app.name, missing })),
  }
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
