import type { Ended } from './children.js'

/** @returns a sentence for each part in which a program's two runs differ */
export function differences(without: Ended, withClient: Ended): string[] {
  return (['code', 'signal', 'stdout', 'stderr'] as const).flatMap(part =>
    differ(part, plain(without[part]), plain(withClient[part])),
  )
}

export function differ(what: string, without: string, withClient: string): string[] {
  if (without === withClient) return []
  return [`${what}: ${JSON.stringify(withClient)}, without the client ${JSON.stringify(without)}`]
}

/** The lines that our own client wrote. */
export function ourLines(stderr: string): string[] {
  return stderr.split('\n').filter(isOurs)
}

/** Our own lines aside, and what differs between any two processes. */
function plain(text: string | number | null): string {
  return String(text)
    .split('\n')
    .filter(line => !isOurs(line))
    .join('\n')
    .replace(/\(node:\d+\)/g, '(node:…)')
    .replace(/^ready \d+$/gm, 'ready …')
}

function isOurs(line: string): boolean {
  return line.startsWith('[justanalytics] ')
}
