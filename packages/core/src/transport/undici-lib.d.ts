// undici gives its single files no types of their own.
declare module 'undici/lib/core/connect.js' {
  import type { buildConnector } from 'undici'

  const exported: typeof buildConnector
  export default exported
}
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client } from 'undici'

  const exported: typeof Client
  export default exported
}
declare module 'undici/lib/api/api-request.js' {
  import type { Client } from 'undici'

  const exported: Client['request']
  export default exported
}
