const DAY = 86_400_000
const EARLIEST = Date.UTC(2000)
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/**
 * An ISO 8601 time in UTC with milliseconds; one without a zone is taken as UTC. `undefined` if it is none,
 * lies before 2000 or more than a day after `received`.
 */
export function parseTime(text: unknown, received: Date): string | undefined {
  const match = typeof text === 'string' && text.length <= 40 ? ISO.exec(text) : null
  if (!match) return undefined
  const [, year, month, day, clock = '00:00', zone = 'Z'] = match
  const date = `${year}-${month}-${day}`
  const time = Date.parse(`${date}T${clock.replace(',', '.')}${normaliseZone(zone)}`)
  // Date.parse takes 31 February for a day in March.
  const isDay = new Date(`${date}T00:00Z`).getUTCDate() === Number(day)
  const isSane = isDay && time >= EARLIEST && time <= received.getTime() + DAY
  return isSane ? new Date(time).toISOString() : undefined
}

function normaliseZone(zone: string): string {
  if (zone === 'Z' || zone === 'z') return 'Z'
  return `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
}
