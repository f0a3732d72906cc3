import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Surroundings } from './cases/surroundings.js'
import { hadItsTime, start } from './children.js'
import { ourLines } from './differences.js'
import { API_KEY } from './endpoints.js'
import { violations } from './invariants.js'
import { type Certificate, FaultServer, makeAuthority, makeCertificate } from './server/index.js'

let authority: Promise<Certificate> | undefined

/** @returns a sentence for everything that is not as expected, or breaks what always holds */
export async function runSurroundings(one: Surroundings): Promise<string[]> {
  authority ??= makeAuthority()
  const { cert } = await authority
  const folder = mkdtempSync(join(tmpdir(), 'faults-'))
  const path = join(folder, 'authority.pem')
  writeFileSync(path, cert)
  await using proxy = await FaultServer.open()
  await using server = await FaultServer.open(
    one.certificate ? { tls: await makeCertificate(await authority, one.certificate) } : {},
  )
  const fill = (value: string): string =>
    value.replace('PROXY', new URL(proxy.url).origin).replace('AUTHORITY', path)
  const endpoint = one.url?.(server.url) ?? server.url
  const options = { apiKey: API_KEY, siteId: 'site', endpoint, ...one.options }
  const { ended } = await start({
    app: 'script.mjs',
    args: [JSON.stringify({ act: one.act ?? 'capture, flush and end', options, reports: true })],
    env: Object.fromEntries(Object.entries(one.env ?? {}).map(([name, value]) => [name, fill(value)])),
    flags: (one.flags ?? []).map(flag =>
      flag.replace('SLOW_DNS', new URL('../apps/slow-dns.mjs', import.meta.url).href),
    ),
  })
  const how = await ended
  const { code, stderr, last } = how
  rmSync(folder, { recursive: true })
  const lines = ourLines(stderr)
  const delivered = last?.stats?.delivered
  return [
    ...(delivered === one.delivered || !hadItsTime(how)
      ? []
      : [`delivered: ${delivered}, not ${one.delivered}; stderr: ${stderr}`]),
    ...(proxy.ledger.connections.made === 0 ? [] : ['the proxy was used']),
    ...(lines.every(line => one.warning?.test(line)) || !hadItsTime(how)
      ? []
      : [`warnings: ${lines}, not ${one.warning}`]),
    ...(one.warning && lines.length === 0 && hadItsTime(how) ? ['no warning'] : []),
    ...(code === (one.act ? 1 : 0) ? [] : [`it ended with ${code}`]),
    ...(stderr.includes(API_KEY) ? ['the key is on stderr'] : []),
    ...(last?.stats ? violations({ stats: last.stats, ledger: server.ledger, lines, apiKey: API_KEY }) : []),
  ]
}
