import type { AppManifest } from '@justanalytics/shop/run'

export const manifest: AppManifest = {
  name: 'express-example',
  folder: import.meta.dirname,
  command: ['node', '--import', 'tsx', 'server.ts'],
  needs: [],
}
