import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'express', pool: 'forks', testTimeout: 20_000 } })
