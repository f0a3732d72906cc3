import { describeHttpAdapter } from '@justanalytics/conformance'
import justanalytics from '../src/index.js'
import { starter } from './app.js'

describeHttpAdapter({ name: 'fastify 5', start: starter(justanalytics) })
