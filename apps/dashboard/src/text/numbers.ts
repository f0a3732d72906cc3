const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 })

/** 1,083 */
export function formatCount(value: number): string {
  return whole.format(value)
}

/** 1.1K, for an axis. */
export function formatShort(value: number): string {
  return short.format(value)
}

/** A share from 0 to 1 as 0 %, 0.04 %, 3.8 % or 38 %; what is not quite all never reads 100 %. */
export function formatRate(share: number | null): string {
  if (share === null) return '–'
  const percent = share * 100
  if (percent === 0) return '0 %'
  if (percent < 0.01) return '< 0.01 %'
  if (percent < 1) return `${percent.toFixed(2)} %`
  if (percent < 10) return `${percent.toFixed(1)} %`
  if (percent > 99 && percent < 100) return `${Math.min(percent, 99.9).toFixed(1)} %`
  return `${percent.toFixed(0)} %`
}

/** A length of time: 850 ms, 3.2 s, 4 min, 2 h, 3 d. */
export function formatLength(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} d`
}

/** "1 request", "2 requests" */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
