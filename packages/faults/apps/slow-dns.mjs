// Loaded before an application: names are looked up as slowly as SLOW_DNS says, in milliseconds.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

const { lookup } = dns
dns.lookup = (...args) => setTimeout(() => lookup(...args), Number(process.env.SLOW_DNS))
syncBuiltinESMExports()
