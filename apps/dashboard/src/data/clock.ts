let ahead = 0

/** Takes note of an answer's `Date` header: it counts whole seconds, so less than two is no difference. */
export function learnTime(date: string | null): void {
  const difference = date ? Date.parse(date) - Date.now() : Number.NaN
  if (!Number.isNaN(difference)) ahead = Math.abs(difference) < 2000 ? 0 : difference
}

/** Now by the collector's clock: a browser's own may be wrong. */
export function serverNow(): number {
  return Date.now() + ahead
}
