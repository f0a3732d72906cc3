import type { Answer } from './transport.js'

/**
 * What an answer means to the sender:
 * - `taken`: acknowledged, apart from what its result list names
 * - `misconfigured`: this address takes no events; asking again soon is useless
 * - `unauthorised`: the key is not accepted
 * - `refused`: something in the body is not
 * - `too_large`: the body is
 * - `unsupported`: its encoding or shape is
 * - `wait`: not now, for as long as it says
 */
export type Meaning =
  | 'taken'
  | 'misconfigured'
  | 'unauthorised'
  | 'refused'
  | 'too_large'
  | 'unsupported'
  | 'wait'

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  400: 'refused',
  422: 'refused',
  401: 'unauthorised',
  403: 'unauthorised',
  402: 'wait',
  408: 'wait',
  425: 'wait',
  429: 'wait',
  413: 'too_large',
  415: 'unsupported',
  501: 'misconfigured',
  505: 'misconfigured',
}

export function meaningOf({ status, contentType }: Pick<Answer, 'status' | 'contentType'>): Meaning {
  // A page is no acknowledgement: some proxy or site answers in the endpoint's place.
  if (status >= 200 && status < 300) return /^text\/html\b/i.test(contentType) ? 'misconfigured' : 'taken'
  return BY_STATUS[status] ?? (status >= 500 ? 'wait' : 'misconfigured')
}

/** Indexes and reasons of the events that an acknowledging answer says it did not take. */
export function rejectionsIn(text: string | undefined): ReadonlyMap<number, string> {
  const rejections = new Map<number, string>()
  try {
    const { rejected } = JSON.parse(text ?? '') as { rejected?: { index?: unknown; reason?: unknown }[] }
    for (const entry of rejected ?? []) {
      if (Number.isInteger(entry?.index)) rejections.set(entry.index as number, String(entry.reason ?? ''))
    }
  } catch {
    // Not a result list: the status alone counts.
  }
  return rejections
}
