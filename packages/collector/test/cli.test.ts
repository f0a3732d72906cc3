import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, KEY, makeEvent, runCli, SITE, send, temporaryFolder, until } from './helpers.js'

const packageVersion = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

/** Runs to the end and says how it ended. */
async function finish(args: string[], env: NodeJS.ProcessEnv = {}, nodeArgs: string[] = []) {
  const cli = runCli(args, env, nodeArgs)
  const status = await cli.ended
  return { status, out: cli.out(), err: cli.err() }
}

const exported = (out: string, name: string) =>
  new RegExp(`^export ${name}=(\\S+)$`, 'm').exec(out)?.[1] ?? ''

describe('the command line', () => {
  it.each([['--help'], ['-h']])('shows the help of moving with %s', async flag => {
    const { status, out, err } = await finish(['move', flag])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    for (const each of ['to', 'cluster', 'data']) expect(out).toContain(`--${each} `)
  })

  it('shows its help', async () => {
    const { status, out } = await finish(['--help'])
    expect(status).toBe(0)
    for (const flag of [
      'host',
      'port',
      'data',
      'clickhouse',
      'cluster',
      'site',
      'key',
      'retention',
      'token',
      'webhook',
      'webhook-secret',
    ])
      expect(out).toContain(`--${flag}`)
    expect(out).toContain('keys create --site NAME')
  })

  it('shows its version', async () => {
    expect(await finish(['--version'])).toEqual({ status: 0, out: `${packageVersion}\n`, err: '' })
  })

  const wrong: [name: string, args: string[], env: NodeJS.ProcessEnv, says: RegExp][] = [
    ['an unknown flag', ['--colour'], {}, /--colour/],
    [
      'a switch that is none',
      [],
      { JUSTANALYTICS_COLLECTOR_WEBHOOK_ALLOW_PRIVATE: 'yes' },
      /`webhookAllowPrivate`.*"yes"/,
    ],
    ['an unknown command', ['serve'], {}, /`serve`/],
    ['a port that is none', ['--port', '70000'], {}, /`port` .*70000/],
    [
      'a port in words, from the environment',
      [],
      { JUSTANALYTICS_COLLECTOR_PORT: 'many' },
      /`port` .*"many"/,
    ],
    ['a retention without a unit', ['--retention', '30'], {}, /`retention` .*"30"/],
    ['a key without its site', ['--key', 'k'], {}, /`site`/],
    ['an address off loopback without a token', ['--host', '0.0.0.0'], {}, /`token` .*0\.0\.0\.0/],
    ['keys without a verb', ['keys'], {}, /keys create/],
    ['keys create without a site', ['keys', 'create'], {}, /`site`/],
  ]
  it.each(wrong)('refuses %s in one sentence', async (_, args, env, says) => {
    const { status, out, err } = await finish(args, {
      JUSTANALYTICS_COLLECTOR_DATA: temporaryFolder(),
      ...env,
    })
    expect(status).toBe(1)
    expect(out).toBe('')
    expect(err).toMatch(says)
    expect(err).toMatch(/^[A-Z][^\n]*\.\n$/)
  })

  it('takes every flag from the environment, and the command line before it', async () => {
    const data = temporaryFolder()
    const cli = runCli(['--site', SITE], {
      JUSTANALYTICS_COLLECTOR_PORT: '0',
      JUSTANALYTICS_COLLECTOR_HOST: '127.0.0.1',
      JUSTANALYTICS_COLLECTOR_DATA: data,
      JUSTANALYTICS_COLLECTOR_SITE: 'another',
      JUSTANALYTICS_COLLECTOR_KEY: KEY,
      JUSTANALYTICS_COLLECTOR_RETENTION: '7d',
      JUSTANALYTICS_COLLECTOR_TOKEN: 'secret',
    })
    const url = await cli.listening()
    expect((await send(url, makeEvent())).status).toBe(202)
    expect((await ask(`${url}/api/v1/health`)).status).toBe(401)
    expect(readdirSync(data)).toContain('store')
  })
})

describe('the first start', () => {
  it('makes a site and its key, prints both once, and keeps them from others', async () => {
    const data = join(temporaryFolder(), 'new', 'folder')
    const first = runCli(['--port', '0', '--data', data])
    const url = await first.listening()
    await until(() => first.out().includes('JUSTANALYTICS_API_KEY'))
    const lines = first
      .out()
      .split('\n')
      .filter(line => line.startsWith('export '))
    expect(lines).toHaveLength(2)
    const site_id = exported(first.out(), 'JUSTANALYTICS_SITE_ID')
    const key = exported(first.out(), 'JUSTANALYTICS_API_KEY')
    expect((await send(url, makeEvent({}, { site_id }), key)).status).toBe(202)

    expect(statSync(data).mode & 0o777).toBe(0o700)
    const files = readdirSync(join(data, 'keys'))
    expect(files).toHaveLength(1)
    const file = join(data, 'keys', files[0] ?? '')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain(key)
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(0)

    const second = runCli(['--port', '0', '--data', data])
    const again = await second.listening()
    expect((await send(again, makeEvent({}, { site_id }), key)).status).toBe(202)
    expect(second.out()).not.toContain('export ')
  })
})

describe('keys', () => {
  it('are made, listed and revoked while the collector runs', async () => {
    const data = temporaryFolder()
    const url = await runCli(['--port', '0', '--data', data, '--site', SITE, '--key', KEY]).listening()
    const made = await finish(['keys', 'create', '--site', 'site_2', '--data', data])
    const key = exported(made.out, 'JUSTANALYTICS_API_KEY')
    const status = async () => (await send(url, makeEvent({}, { site_id: 'site_2' }), key)).status
    expect(await status()).toBe(202)

    const listed = await finish(['keys', 'list'], { JUSTANALYTICS_COLLECTOR_DATA: data })
    expect(listed.out).toMatch(/^key_\w+ +\S+Z +site_2\n$/)
    expect(listed.out).not.toContain(key)

    const id = listed.out.split(' ')[0] ?? ''
    expect((await finish(['keys', 'revoke', id, '--data', data])).status).toBe(0)
    await until(async () => (await status()) === 401)
    expect((await send(url, makeEvent())).status).toBe(202)
    expect((await finish(['keys', 'list', '--data', data])).out).toBe('')
  })

  it('are printed for a shell to read, whatever is in the site', async () => {
    const site = "it's;$(exit)&"
    const { out } = await finish(['keys', 'create', '--site', site, '--data', temporaryFolder()])
    const script = `${out.slice(out.indexOf('export '))}printf %s "$JUSTANALYTICS_SITE_ID"`
    expect(execFileSync('sh', ['-ec', script], { encoding: 'utf8' })).toBe(site)
  })

  it.each([['create', '--site', SITE], ['list'], ['revoke', 'key_000000000000']])(
    'cannot be reached where the folder is none: %s',
    async (...words) => {
      const file = join(temporaryFolder(), 'file')
      writeFileSync(file, '')
      const { status, err } = await finish(['keys', ...words, '--data', file])
      expect(status).toBe(1)
      expect(err).toMatch(/^The keys in \S+ cannot be read and written \(E\w+\): [^\n]*\.\n$/)
    },
  )

  it.each(['key_000000000000', '../lock', ''])('revokes no %j', async id => {
    const { status, err } = await finish(['keys', 'revoke', id, '--data', temporaryFolder()])
    expect(status).toBe(1)
    expect(err).toMatch(/^There is no key [^\n]*\.\n$/)
  })
})

describe('a start that cannot be', () => {
  it('names the process that holds the folder', async () => {
    const data = temporaryFolder()
    const first = runCli(['--port', '0', '--data', data])
    await first.listening()
    const second = await finish(['--port', '0', '--data', data])
    expect(second.status).toBe(1)
    expect(second.err).toBe(
      `The data folder ${data} is in use by process ${first.child.pid}: stop that collector, or give this one another folder with \`--data\`.\n`,
    )
    first.child.kill('SIGKILL')
    await first.ended
    await runCli(['--port', '0', '--data', data]).listening()
  })

  it('is not stopped by the lock of a process that is no more, whoever bears its number now', async () => {
    const data = temporaryFolder()
    writeFileSync(join(data, 'lock'), `${process.pid} 1\n`)
    await runCli(['--port', '0', '--data', data]).listening()
  })

  it('says that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const data = temporaryFolder()
    const { status, err } = await finish(['--port', String(port), '--data', data])
    expect(status).toBe(1)
    expect(err).toBe(
      `Port ${port} of 127.0.0.1 is in use: stop what listens there, or choose another with \`--port\`.\n`,
    )
    expect(readdirSync(data)).not.toContain('lock')
    // Nobody was shown a key.
    expect(readdirSync(data)).not.toContain('keys')
  })

  it('says that the folder cannot be written to', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const { status, err } = await finish(['--port', '0', '--data', join(file, 'data')])
    expect(status).toBe(1)
    expect(err).toMatch(/^The data folder \S+ cannot be written to \(ENOTDIR\): [^\n]*\.\n$/)
  })

  it('says which library of the engine is missing', async () => {
    const folder = temporaryFolder()
    const hide = join(folder, 'hide.cjs')
    writeFileSync(
      hide,
      `const Module = require('node:module')
       const resolve = Module._resolveFilename
       Module._resolveFilename = function (name, ...rest) {
         if (name.startsWith('@chdb/lib-')) throw Object.assign(new Error('hidden'), { code: 'MODULE_NOT_FOUND' })
         return resolve.call(this, name, ...rest)
       }`,
    )
    mkdirSync(join(folder, 'data'))
    const { status, err } = await finish(['--port', '0', '--data', join(folder, 'data')], {}, [
      '--require',
      hide,
    ])
    expect(status).toBe(1)
    expect(err).toMatch(new RegExp(`^[^\\n]*@chdb/lib-${process.platform}-${process.arch}[^\\n]*\\.\\n$`))
  })
})

describe('Ctrl-C', () => {
  it('a second time ends at once', async () => {
    const cli = runCli(['--port', '0', '--data', temporaryFolder(), '--site', SITE, '--key', KEY])
    const { hostname, port } = new URL(await cli.listening())
    // A request whose body never ends holds the first one up.
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 9\r\n\r\n`,
    )
    socket.write('[')
    await ask(`http://${hostname}:${port}/api/v1/health`)
    cli.child.kill('SIGINT')
    await until(() => cli.err().includes('Once more'))
    cli.child.kill('SIGINT')
    expect(await cli.ended).toBe(130)
    socket.destroy()
  })
})
