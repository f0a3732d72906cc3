// `pnpm --filter @justanalytics/conformance report`: the cases by frameworks and majors, as they were last run.
import { reportTable } from './report.js'

console.log(reportTable())
