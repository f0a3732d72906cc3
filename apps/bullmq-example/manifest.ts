import type { AppManifest } from '@justanalytics/shop/run'

export const manifest: AppManifest = {
  name: 'bullmq-example',
  folder: import.meta.dirname,
  command: ['node', '--import', 'tsx', 'worker.ts'],
  needs: ['redis-server'],
}
