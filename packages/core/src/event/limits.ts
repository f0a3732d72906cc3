/** How long each text may be in Unicode code points, how large a custom value, how many bytes an event. */
export const LIMITS = {
  user_agent: 500,
  exception_message: 1000,
  traceback: 5000,
  path: 2048,
  referrer: 2048,
  /** Every other string, names and keys included. */
  string: 1000,
  /** Levels of objects and arrays, the properties themselves being the first. */
  depth: 5,
  /** Keys of one object, items of one array. */
  keys: 100,
  /** An error's causes, and theirs, counted together. */
  causes: 10,
  /** The JSON text of one event in UTF-8. */
  eventBytes: 65_536,
} as const

/** Stands where something was cut off, inside the limit. */
export const MARK = '…'
