import type { TroubleFacts, TroubleGroup } from './trouble-facts.js'

/** Node's codes of the network, and what clients of others' services say. */
const CODES =
  /\b(?:ECONN(?:REFUSED|RESET|ABORTED)|ETIMEDOUT|ESOCKETTIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|UND_ERR_\w{1,40}|CERT_\w{1,40})\b/
const WORDS =
  /\b(?:socket hang up|fetch failed|getaddrinfo|timed? ?out|connection (?:refused|reset|closed|terminated|lost)|bad gateway|service unavailable|upstream|network error)\b/i
const TYPES =
  /^(?:\w{0,40}Timeout\w{0,20}Error|AxiosError|ConnectTimeoutError|FetchError|RequestError|HTTPError)$/

function isOfNetwork({ title, exception_type, messages, borrowed }: TroubleGroup): boolean {
  const texts = [title, ...messages]
  return borrowed || TYPES.test(exception_type) || texts.some(text => CODES.test(text) || WORDS.test(text))
}

/** Most failures are faults of the network or of others' services: by their errors, else by their statuses. */
export function isNetwork({ groups, failures, gateway }: TroubleFacts): boolean {
  const sum = (some: readonly TroubleGroup[]) => some.reduce((sum, { count }) => sum + count, 0)
  const all = sum(groups)
  if (all >= failures / 2) return sum(groups.filter(isOfNetwork)) > all / 2
  return gateway > failures / 2
}
