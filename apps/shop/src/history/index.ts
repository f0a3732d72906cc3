export { type HistoryOptions, makeHistory } from './history.js'
export { type Endpoint, postEvents } from './post.js'
