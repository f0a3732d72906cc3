import type { AppManifest } from '@justanalytics/shop/run'

export const manifest: AppManifest = {
  name: 'koa-example',
  folder: import.meta.dirname,
  command: ['node', '--import', 'tsx', 'server.ts'],
  needs: [],
}
