import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { API_KEY, SITE_ID } from '@justanalytics/conformance'
import { build, type Metafile } from 'esbuild'

/** An application on a real runtime. */
export interface Runtime extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string
  /** What it printed so far. */
  output(): string
  /** As an operator would; resolves with the exit code. */
  stop(): Promise<number | null>
}

const here = import.meta.dirname
const require = createRequire(import.meta.url)

/** The program itself, which comes as an optional dependency: nothing is installed by a script. */
function programOf(carrier: string, file: string): string {
  const manifest = realpathSync(require.resolve(`${carrier}/package.json`))
  const { optionalDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    optionalDependencies: Record<string, string>
  }
  for (const folder of createRequire(manifest).resolve.paths(carrier) ?? []) {
    for (const part of Object.keys(optionalDependencies)) {
      const program = join(folder, part, file)
      if (existsSync(program)) return program
    }
  }
  throw new Error(`${carrier} has no program for ${process.platform} on ${process.arch}`)
}

const variables = (endpoint: string): Record<string, string> => ({
  JUSTANALYTICS_API_KEY: API_KEY,
  JUSTANALYTICS_SITE_ID: SITE_ID,
  JUSTANALYTICS_ENDPOINT: endpoint,
  JUSTANALYTICS_ENVIRONMENT: 'test',
})

export function startBun(endpoint: string): Promise<Runtime> {
  return start(
    programOf('bun', 'bin/bun'),
    ['run', '--no-install', join(here, 'bun.ts')],
    variables(endpoint),
  )
}

/** With the permissions it needs and no others. */
export function startDeno(endpoint: string): Promise<Runtime> {
  const env = variables(endpoint)
  const flags = ['--no-remote', '--no-prompt', '--unstable-sloppy-imports', '--node-modules-dir=manual']
  const allow = ['--allow-net=127.0.0.1', `--allow-env=${Object.keys(env)}`]
  return start(programOf('deno', 'deno'), ['run', ...flags, ...allow, join(here, 'deno.ts')], env)
}

/** Before any of Node's was there without a flag. */
const BARE = 'compatibilityDate = "2025-04-01"'

/**
 * Variables come with each request.
 * @param endpoint without one there are no variables
 * @param compatibility by default nothing of Node is there
 */
export async function startWorkerd(endpoint?: string, compatibility: string = BARE): Promise<Runtime> {
  const folder = await mkdtemp(join(tmpdir(), 'justanalytics-workerd-'))
  const { code } = await bundleFor('workerd')
  await writeFile(join(folder, 'worker.js'), code)
  const bindings = Object.entries(endpoint ? variables(endpoint) : {}).map(
    ([name, text]) => `(name = "${name}", text = "${text}")`,
  )
  await writeFile(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "app", worker = .app),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "app")],
);
const app :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  ${compatibility},
  bindings = [${bindings.join(', ')}],
);
`,
  )
  const runtime = await start(
    programOf('workerd', 'bin/workerd'),
    ['serve', join(folder, 'config.capnp'), '--control-fd=1'],
    {},
  )
  return {
    ...runtime,
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

/** The application in one file, as a bundler that knows these conditions makes it. */
export async function bundleFor(...conditions: string[]): Promise<{ code: string; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(here, 'worker.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions,
    external: ['node:*'],
    metafile: true,
  })
  return { code: outputFiles[0]?.text ?? '', metafile }
}

async function start(program: string, args: string[], env: Record<string, string>): Promise<Runtime> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(program, args, { env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += text
    })
  }
  const url = await listening(child, () => output)
  return {
    url,
    output: () => output,
    async stop() {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
      return child.exitCode
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

async function listening(child: ChildProcess, output: () => string): Promise<string> {
  for (;;) {
    const [url, port] = /listening on (http:\S+)\/|"port":(\d+)/.exec(output())?.slice(1) ?? []
    if (url) return url
    if (port) return `http://127.0.0.1:${port}`
    if (child.exitCode !== null) throw new Error(`It did not start:\n${output()}`)
    await Promise.race([
      once(child.stdout as never, 'data'),
      once(child.stderr as never, 'data'),
      once(child, 'close'),
    ])
  }
}
