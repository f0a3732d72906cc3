import { describeHttpAdapter } from '@justanalytics/conformance'
import justanalytics from '../src/index.js'
import { koa2, koa3, starter } from './app.js'

describeHttpAdapter({ name: 'koa 3', start: starter(koa3, justanalytics) })
describeHttpAdapter({ name: 'koa 2', start: starter(koa2, justanalytics) })
