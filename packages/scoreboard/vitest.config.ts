import { defineProject } from 'vitest/config'

export default defineProject({ test: { name: 'scoreboard', pool: 'forks', testTimeout: 30_000 } })
