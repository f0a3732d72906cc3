import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'koa', pool: 'forks', testTimeout: 20_000 } })
