import { type AddressInfo, Server } from 'node:net'

// Preloaded into a program under test: tells its parent where the first server listens.
const { listen } = Server.prototype
Server.prototype.listen = function announce(this: Server, ...args: unknown[]): Server {
  Server.prototype.listen = listen
  this.once('listening', () => {
    const { port } = this.address() as AddressInfo
    process.send?.(`http://127.0.0.1:${port}`)
  })
  return Reflect.apply(listen, this, args)
}
