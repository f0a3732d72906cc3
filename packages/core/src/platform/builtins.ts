/**
 * What of Node is not needed before something is sent, stored or hashed. An `import` would load it, and list all its
 * exports, while the application starts.
 */
export const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')
export const workerThreads = (): typeof import('node:worker_threads') =>
  process.getBuiltinModule('node:worker_threads')
export const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib')
