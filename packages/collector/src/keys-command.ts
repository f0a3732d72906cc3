import { resolve } from 'node:path'
import type { CreatedKey } from './collector.js'
import { CollectorError } from './errors.js'
import { createKey, listKeys, revokeKey } from './ingest/keys.js'
import { type CollectorOptions, DEFAULTS, readSite } from './options.js'

/** A site may be any visible line; what a shell would read otherwise is quoted. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** What an application needs of a key, for a shell to read. */
export function exportLines({ siteId, apiKey }: CreatedKey): string {
  return `export JUSTANALYTICS_SITE_ID=${shellWord(siteId)}\nexport JUSTANALYTICS_API_KEY=${apiKey}`
}

/**
 * `keys create`, `keys list`, `keys revoke`: they touch the key files only, so they work while a
 * collector runs on the same folder.
 * @throws {CollectorError}
 */
export function runKeys(words: readonly string[], options: Pick<CollectorOptions, 'data' | 'site'>): void {
  const data = resolve(options.data ?? DEFAULTS.data)
  const [verb, id, ...rest] = words
  if (verb === 'create' && id === undefined) {
    const site = readSite(options.site)
    const { id, key } = createKey(data, site)
    console.log(`Made ${id}; the key is shown this once.
${exportLines({ siteId: site, apiKey: key })}`)
  } else if (verb === 'list' && id === undefined) {
    for (const key of listKeys(data)) console.log(`${key.id}  ${key.created}  ${key.site}`)
  } else if (verb === 'revoke' && id !== undefined && rest.length === 0) {
    if (!revokeKey(data, id)) throw new CollectorError(`There is no key ${JSON.stringify(id)} in ${data}.`)
    console.log(`Revoked ${id}.`)
  } else
    throw new CollectorError(
      `Expected \`keys create --site NAME\`, \`keys list\` or \`keys revoke ID\`, got \`keys ${words.join(' ')}\`.`,
    )
}
