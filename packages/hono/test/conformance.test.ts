import { describeHttpAdapter } from '@justanalytics/conformance'
import { vi } from 'vitest'
import justanalytics from '../src/index.js'
import { starter } from './app.js'

// Hono and its server log there what they answer with 500.
vi.spyOn(console, 'error').mockImplementation(() => {})

describeHttpAdapter({ name: 'hono 4', start: starter(justanalytics) })
