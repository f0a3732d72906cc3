import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'hono', pool: 'forks', testTimeout: 20_000 } })
