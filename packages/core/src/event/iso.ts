/** Years of four digits, from 1970 on. */
const END = Date.UTC(10_000)

let second = Number.NaN
let prefix = ''

/**
 * A time in milliseconds since 1970 as ISO 8601 in UTC with milliseconds. A clock may be set to where no date is:
 * that is told as 1970.
 */
export function iso(time: number): string {
  if (!(time >= 0 && time < END)) return isoOfAny(time)
  const whole = Math.floor(time / 1000)
  if (whole !== second) {
    second = whole
    prefix = new Date(whole * 1000).toISOString().slice(0, -4)
  }
  const ms = Math.floor(time) - whole * 1000
  return `${prefix}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`
}

function isoOfAny(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString()
}
