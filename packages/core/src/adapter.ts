/**
 * For whoever writes an adapter: it translates its framework's facts, everything else is decided here.
 *
 * ```ts
 * const http = createHttpCapture(reader, options)
 * const record = http.join(request) ?? http.begin(request)
 * record.fail(error)                // wherever the framework shows an error
 * record.end(status, outcome)       // once the response is over
 * ```
 */
export { createHttpCapture, type HttpCapture, type RequestReader } from './capture/http.js'
export { watchResponse } from './capture/node-response.js'
export type { RequestAnalytics, RequestRecord, RouteControl } from './capture/request.js'
export type { Outcome } from './event/schema.js'
export type { AdapterOptions, Matcher } from './options.js'
