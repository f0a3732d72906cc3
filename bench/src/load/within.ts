/** What has no answer this long after the last request never gets one. */
export const PATIENCE_MS = 5000

/** Waits for `done`, but no longer than that. */
export async function within(milliseconds: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
}
