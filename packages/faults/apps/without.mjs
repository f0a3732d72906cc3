// The client of an application that has none.
export function createAnalytics() {
  return {
    capture() {},
    captureException() {},
    flush: async () => true,
    close: async () => true,
    stats: () => undefined,
  }
}
