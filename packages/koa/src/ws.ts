export { type ObserveHandler, observeWebSockets, type WebSocketOptions } from '@justanalytics/core/ws'
