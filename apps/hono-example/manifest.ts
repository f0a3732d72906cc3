import type { AppManifest } from '@justanalytics/shop/run'

export const manifest: AppManifest = {
  name: 'hono-example',
  folder: import.meta.dirname,
  command: ['node', '--import', 'tsx', 'server.ts'],
  needs: [],
}
