// Throws every fault of a build for real and prints what a client would tell of each, as JSON.
// Arguments: the address of the build's main module, that of core's events, and a seed.
const [, , build, core, seed] = process.argv
const { routes, handle, close } = await import(build)
const { describeError } = await import(core)

const thrown = []
for (const [route, faults] of Object.entries(routes)) {
  for (const name of Object.keys(faults)) {
    for (const n of [Number(seed), Number(seed) + 1]) {
      const error = await handle(route, name, n).then(
        () => {
          throw new Error(`${name} of ${route} went well`)
        },
        error => error,
      )
      thrown.push({ fault: `${route} ${name}`, route, ...describeError(error) })
    }
  }
}
await close?.()
console.log(JSON.stringify(thrown))
