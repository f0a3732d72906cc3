import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Addresses that are no one's on the public internet, those of IPv6 that stand for one of IPv4 included. */
const PRIVATE_4 = new BlockList()
const PRIVATE_6 = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE_4.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 32],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const)
  PRIVATE_6.addSubnet(network, prefix, 'ipv6')

/** @param address an IP address; a host name is none, and not private */
export function isPrivate(address: string): boolean {
  const family = isIP(address)
  return family === 6 ? PRIVATE_6.check(address, 'ipv6') : family === 4 && PRIVATE_4.check(address, 'ipv4')
}

/** A name led to an address of this machine or its network. */
export class PrivateAddress extends Error {
  constructor(host: string) {
    super(`${host} is a private address, which webhooks go to with \`--webhook-allow-private\` only`)
    this.name = 'PrivateAddress'
  }
}

/** Looks a name up for the very connection that is about to be made: no later answer can lead elsewhere. */
export const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, [])
    if (addresses.some(({ address }) => isPrivate(address))) return done(new PrivateAddress(host), [])
    const [first] = addresses
    if (options.all || !first) done(null, addresses)
    else done(null, first.address, first.family)
  })
}
