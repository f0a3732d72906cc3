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
export { type Carrier, readThread, type Thread, type Threaded, within } from './capture/context.js'
export type { RequestHeaders } from './capture/facts.js'
export { createHttpCapture, type HttpCapture, type RequestReader } from './capture/http.js'
export { beginRequest, closeBehindServer } from './capture/node-http.js'
export { watchResponse } from './capture/node-response.js'
export { observeServer, observeSocket, runHandler, type SocketServer } from './capture/node-socket.js'
export type { RequestAnalytics, RequestRecord, RouteControl } from './capture/request.js'
export type { SocketRecord } from './capture/socket.js'
export { createTaskCapture, createThreadSource, type TaskCapture, type TaskOptions } from './capture/task.js'
export type { Task } from './capture/task-event.js'
export type { TaskAnalytics, TaskRecord } from './capture/task-record.js'
export { watchWebResponse } from './capture/web-response.js'
export type { Outcome, TaskFailureReason } from './event/schema.js'
export type { AdapterOptions, Matcher } from './options.js'
export { createSlot, type Slot } from './slot.js'
