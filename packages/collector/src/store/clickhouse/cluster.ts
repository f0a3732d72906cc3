import { CollectorError } from '../../errors.js'
import type { Address } from './address.js'
import { connect, type Node } from './node.js'

interface Member {
  shard: number
  host: string
  internal_replication: number
  is_local: number
}

/** The members of a cluster as far as they answer, the one that was asked first. */
export interface Members {
  nodes: Node[]
  /** Some member did not answer: its address is not known yet. */
  missing: boolean
}

/**
 * Finds the HTTP address of every member. A cluster's definition has the ports that its servers use among
 * themselves, so each is asked, through the first one, for the port it answers HTTP on.
 * @throws {CollectorError} for a cluster that is not there, or whose servers replicate by themselves
 */
export async function findMembers(
  entry: Node,
  address: Address,
  cluster: string,
  known: readonly Node[] = [],
): Promise<Members> {
  const members = await entry.query<Member>(
    `SELECT shard_num AS shard, host_name AS host, internal_replication, is_local FROM system.clusters
     WHERE cluster = {cluster:String} ORDER BY shard_num, replica_num`,
    { cluster },
  )
  await check(entry, cluster, members)
  const secure = address.origin.startsWith('https:')
  const ports = await entry.query<{ member: number; port: number }>(
    `SELECT _shard_num AS member, getServerPort({protocol:String}) AS port
     FROM clusterAllReplicas(${cluster}, system.one) SETTINGS skip_unavailable_shards = 1`,
    { protocol: secure ? 'https_port' : 'http_port' },
  )
  const portOf = new Map(ports.map(({ member, port }) => [member, port]))
  const found = members.flatMap(({ host, is_local }, index) => {
    const port = portOf.get(index + 1)
    if (port === undefined) return []
    const name = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const node =
      known.find(each => each.name === name) ??
      connect({ ...address, origin: `${secure ? 'https' : 'http'}://${name}` }, address.database)
    return [{ node, is_local }]
  })
  found.sort((a, b) => b.is_local - a.is_local)
  return { nodes: found.map(({ node }) => node), missing: found.length < members.length }
}

async function check(entry: Node, cluster: string, members: readonly Member[]): Promise<void> {
  if (members.length === 0) {
    const rows = await entry.query<{ cluster: string }>('SELECT DISTINCT cluster FROM system.clusters')
    const known = rows.map(row => row.cluster).join(', ') || 'none'
    throw new CollectorError(
      `ClickHouse at ${entry.name} knows no cluster ${cluster} (it knows: ${known}): see to \`--cluster\` and to \`remote_servers\` in its configuration.`,
    )
  }
  const replicated = members.some(
    ({ shard }, index) => members.findIndex(other => other.shard === shard) !== index,
  )
  if (replicated && members.some(member => member.internal_replication === 1))
    throw new CollectorError(
      `The cluster ${cluster} has \`internal_replication\` on, and the collector's tables are not replicated by ClickHouse Keeper: set it to false in \`remote_servers\`, so that each insert goes to every replica.`,
    )
}
