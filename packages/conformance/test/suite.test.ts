import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { cases } from '../src/cases/index.js'
import { checkExcuses, judge } from '../src/describe.js'
import { reportTable, writeReport } from '../src/report.js'
import { Sink } from '../src/sink.js'
import type { HttpSubject } from '../src/subject.js'

const fine = { name: 'fine', run: async () => {} }
const broken = {
  name: 'broken',
  run: async () => {
    throw new Error('broken')
  },
}
const subject = (cannot: Record<string, string>): HttpSubject => ({
  name: 'nothing 1',
  start: () => Promise.reject(new Error('not started')),
  cannot,
})

describe('the suite', () => {
  it('calls every case by a name of its own', () => {
    const names = cases.map(one => one.name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('passes a case that runs through and fails one that throws', async () => {
    expect(await judge(fine, subject({}))).toBe('pass')
    await expect(judge(broken, subject({}))).rejects.toThrow('broken')
  })

  it('excuses a case only as long as it fails', async () => {
    expect(await judge(broken, subject({ broken: 'no such notion' }))).toBe('cannot')
    await expect(judge(fine, subject({ fine: 'no such notion' }))).rejects.toThrow('take it out of `cannot`')
  })

  it('takes no excuse without a case or without a reason', () => {
    expect(() => checkExcuses(subject({ fine: 'no such notion' }), [fine])).not.toThrow()
    expect(() => checkExcuses(subject({ unheard: 'no such notion' }), [fine])).toThrow()
    expect(() => checkExcuses(subject({ fine: ' ' }), [fine])).toThrow()
  })
})

describe('the report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  it('is one table of cases by frameworks, with the reasons below', () => {
    vi.stubEnv('CONFORMANCE_REPORT', folder)
    writeReport('koa 3', [
      { case: 'a page', result: 'pass' },
      { case: 'HEAD', result: 'cannot', reason: 'no such notion' },
    ])
    writeReport('fastify 5', [
      { case: 'a page', result: 'fail' },
      { case: 'OPTIONS', result: 'pass' },
    ])
    expect(reportTable().split('\n')).toEqual([
      '| case | fastify 5 | koa 3 |',
      '| --- | :-: | :-: |',
      '| a page | ✗ | ✓ |',
      '| OPTIONS | ✓ |  |',
      '| HEAD |  | – [1] |',
      '',
      '1. koa 3, HEAD: no such notion',
    ])
  })
})

describe('the sink', () => {
  it('says what is not as the contract has it', async () => {
    const sink = await Sink.open()
    await fetch(sink.url, { method: 'POST', headers: { authorization: 'Bearer wrong' }, body: '{"event":7}' })
    await sink.close()
    expect(sink.problems.map(problem => problem.split(':')[0])).toEqual([
      'authorization',
      'content-type',
      'user-agent',
      'event 0 of {"event"',
    ])
  })

  it('gives up waiting with what did arrive', async () => {
    const sink = await Sink.open()
    await expect(sink.until(() => false, 1)).rejects.toThrow('Waited in vain')
    await sink.close()
  })
})
